"""What is fitted is what the classifier counts."""

import numpy as np

from models import pipeline
from training import fitting

KNOWN = [["rail", "port", "rail"], ["port", "school"], ["rail", "rail", "rail", "school", "gas"]]


def test_the_classifier_counts_tokens_as_the_vectorizer_that_was_fitted() -> None:
    vectorizer = fitting.vectorizer(min_df=1).fit(KNOWN)
    documents = [*KNOWN, [], ["moon"], ["gas", "moon", "gas"]]
    np.testing.assert_allclose(
        pipeline.counted(vectorizer, documents).toarray(), vectorizer.transform(documents).toarray(), rtol=1e-6
    )
