"""A mistyped librdkafka property is answered with the nearest one; what is offered is what librdkafka knows."""

import pytest
from confluent_kafka import KafkaException, Producer

from antennactl.rules.kafka_names import PROPERTY_NAMES, refusal_hint
from antennactl.rules.kafka_properties import check_properties


def refusal(name: str) -> str:
    """Return why librdkafka refuses a property; nothing when it takes it."""
    try:
        Producer({name: "x\x01", "log_level": "0"})
    except KafkaException as error:
        return str(error.args[0].str())
    return ""


@pytest.mark.parametrize("name", sorted(PROPERTY_NAMES))
def test_librdkafka_knows_every_name_that_is_offered(name: str) -> None:
    assert "No such configuration property" not in refusal(name)
    check_properties({name: "x"})


def test_an_unknown_property_is_answered_with_the_nearest_name() -> None:
    assert refusal_hint(refusal("sasl.pasword")) == "did you mean sasl.password?"
    assert refusal_hint(refusal("zzz")) == "check the properties given with -X or [kafka]"
    assert refusal_hint("anything else") == "check the properties given with -X or [kafka]"
