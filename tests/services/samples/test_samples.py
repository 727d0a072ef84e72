"""The sample statements are what their README says."""

import json
from pathlib import Path

from models.pipeline import StatementClassifier
from models.taxonomy import Sector, Stance, with_parents
from services.cli.demonstration import read_samples

INTENDED = {
    line["id"]: line for line in map(json.loads, (Path(__file__).parent / "intended.jsonl").read_text().splitlines())
}


def test_every_sample_can_be_read_and_says_that_it_is_invented() -> None:
    samples = read_samples()
    assert [sample.statement_id for sample in samples] == list(INTENDED)
    for sample in samples:
        assert sample.issued_by
        assert sample.issued_on
        assert (sample.title or "").endswith(" (invented)")


def test_the_samples_speak_of_every_sector_and_take_every_stance() -> None:
    sectors = [{Sector(sector) for sector in line["sectors"]} for line in INTENDED.values()]
    assert set.union(*sectors) == set(Sector)
    assert all(with_parents(each) == each for each in sectors)
    assert {line["stance"] for line in INTENDED.values()} == set(Stance)


def test_there_are_samples_of_one_sentence_and_of_several_paragraphs() -> None:
    texts = [sample.text for sample in read_samples()]
    assert sum(text.count(".") == 1 for text in texts) >= 5
    assert sum("\n\n" in text for text in texts) >= 5


def test_the_shipped_classifier_takes_the_samples_as_they_are_meant(classifier: StatementClassifier) -> None:
    samples = read_samples()
    right = wrong = stances = 0
    for sample, given in zip(samples, classifier.label([sample.text for sample in samples]), strict=True):
        meant, found = INTENDED[sample.statement_id], {label.sector.value for label in given.sectors}
        right += len(found & set(meant["sectors"]))
        wrong += len(found ^ set(meant["sectors"]))
        stances += given.stance.stance == meant["stance"]
    assert stances >= len(samples) * 0.9
    assert 2 * right / (2 * right + wrong) >= 0.8
