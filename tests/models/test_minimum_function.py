"""Minimum functionality and directions: what no retrained classifier may get wrong (the sentences are in data/)."""

from typing import Any

import pytest

from models.classifier import Classifier
from models.taxonomy import Sector, Stance
from tests.models.cases import cases

LIST = "The two governments agreed to cooperate in {}."


def rows(name: str, key: str = "id") -> list[Any]:
    """The lines of a data file, as parameters named by one of their fields."""
    return [pytest.param(row, id=row[key]) for row in cases(name)]


def sectors(classifier: Classifier, text: str) -> set[str]:
    """The ids of the sectors of one text."""
    return {label.sector.value for label in classifier.label([text])[0].sectors}


def stance(classifier: Classifier, text: str) -> Stance:
    """The stance of one text."""
    return classifier.label([text])[0].stance.stance


def test_every_label_has_a_clear_sentence() -> None:
    assert {row["id"] for row in cases("clear-sectors.jsonl")} == set(Sector)
    assert {row["stance"] for row in cases("clear-stances.jsonl")} == set(Stance)


@pytest.mark.parametrize("row", rows("clear-sectors.jsonl"))
def test_a_sentence_that_plainly_speaks_of_one_field_has_that_field(classifier: Classifier, row: Any) -> None:
    assert sectors(classifier, row["text"]) >= set(row["sectors"])
    assert stance(classifier, row["text"]) is Stance.NOT_ADDRESSED


def test_few_plain_sentences_get_a_field_that_they_do_not_name(classifier: Classifier) -> None:
    plain = cases("clear-sectors.jsonl")
    exact = sum(sectors(classifier, row["text"]) == set(row["sectors"]) for row in plain)
    assert exact >= 21, f"{exact} of {len(plain)} have exactly their fields"


@pytest.mark.parametrize("row", rows("no-sector.jsonl"))
def test_a_field_that_is_no_subject_of_cooperation_has_no_label(classifier: Classifier, row: Any) -> None:
    assert sectors(classifier, row["text"]) == set()


@pytest.mark.parametrize("row", rows("clear-stances.jsonl"))
def test_a_sentence_that_plainly_takes_a_stance_has_it(classifier: Classifier, row: Any) -> None:
    assert stance(classifier, row["text"]) == row["stance"]


@pytest.mark.parametrize("row", rows("added-fields.jsonl", key="field"))
def test_a_field_added_to_a_list_adds_its_sectors_and_takes_none(classifier: Classifier, row: Any) -> None:
    others = [field for field in ("education", "tourism", "agriculture") if field != row["field"]]
    before = sectors(classifier, LIST.format(f"{', '.join(others[:-1])} and {others[-1]}"))
    after = sectors(classifier, LIST.format(f"{', '.join([*others[:-1], row['field']])} and {others[-1]}"))
    assert after >= before | set(row["sectors"])
    assert len(after - before - set(row["sectors"])) <= 1


@pytest.mark.parametrize("pair", [("France", "Kazakhstan"), ("Brazil", "Egypt"), ("Fiji", "Norway"), ("Laos", "Peru")])
def test_the_partners_names_do_not_change_the_fields(classifier: Classifier, pair: tuple[str, str]) -> None:
    text = "{} and {} agreed to cooperate in education, rail transport and wind power.".format(*pair)
    assert sectors(classifier, text) == {"education", "transport", "rail_transport", "energy", "renewable_energy"}


def test_a_greeting_before_the_text_does_not_change_its_fields(classifier: Classifier) -> None:
    text = LIST.format("education, tourism and mining")
    assert sectors(classifier, f"Ladies and gentlemen, good morning. {text}") == sectors(classifier, text)


@pytest.mark.parametrize("row", rows("clear-sectors.jsonl"))
def test_a_field_is_not_lost_in_a_long_text(classifier: Classifier, row: Any) -> None:
    other = "The two leaders met in the morning and recalled the long friendship between their peoples. " * 30
    assert set(row["sectors"]) <= sectors(classifier, f"{other}\n\n{row['text']}\n\n{other}")


def test_naming_the_aggressor_turns_a_balanced_sentence(classifier: Classifier) -> None:
    neutral = "We regret the suffering caused by the war in Ukraine and call for a cease-fire."
    assert stance(classifier, neutral) is Stance.BALANCED
    named = f"{neutral} Russia must end its aggression and withdraw its troops from Ukraine."
    assert stance(classifier, named) is Stance.SUPPORTS_UKRAINE


def test_sides_exchanged_exchange_the_stance(classifier: Classifier) -> None:
    told = "We support {} in this war and condemn the aggression of {}."
    assert stance(classifier, told.format("Ukraine", "Russia")) is Stance.SUPPORTS_UKRAINE


@pytest.mark.parametrize("where", ["Sudan", "Gaza", "Yemen"])
def test_another_war_is_not_this_war(classifier: Classifier, where: str) -> None:
    text = f"We condemn the attacks in {where} and call for a cease-fire and for dialogue."
    assert stance(classifier, text) is Stance.NOT_ADDRESSED
