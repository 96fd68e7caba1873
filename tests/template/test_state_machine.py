"""The state machine that finishes long loads: nothing ends it but success or the failure path."""

import pytest

from .intrinsics import Resolver, definition_of, statements


@pytest.fixture(scope="session")
def resolver(translated):
    return Resolver(translated, ContinuationWaitSeconds=77)


@pytest.fixture(scope="session")
def states(resources, resolver):
    definition = definition_of(resolver, resources["LoadUntilDone"])
    assert definition["StartAt"] in definition["States"]
    return definition["States"]


def nexts(state):
    found = [state.get("Next"), state.get("Default")]
    found += [one["Next"] for one in state.get("Choices", []) + state.get("Catch", [])]
    return {name for name in found if name}


def test_every_state_is_there_and_reached(states):
    reached = {"Begin"}.union(*(nexts(state) for state in states.values()))
    assert reached == set(states)


def test_every_call_is_retried_and_its_failure_caught(states):
    tasks = {name: one for name, one in states.items() if one["Type"] == "Task"}
    assert set(tasks) == {"Load", "GiveUp", "KeepFailure"}
    for task in tasks.values():
        assert task["Retry"]
        assert task["Catch"][-1]["ErrorEquals"] == ["States.ALL"]
    assert states["Load"]["Catch"][-1]["Next"] == "GiveUp"
    assert states["GiveUp"]["Catch"][-1]["Next"] == states["GiveUp"]["Next"] == "KeepFailure"
    assert states["KeepFailure"]["Next"] == "Failed"
    assert states["Failed"]["Type"] == "Fail"


def test_troubles_of_lambda_itself_are_retried_longer_than_a_failed_load(states):
    service, failed, load = states["Load"]["Retry"]
    assert (failed["ErrorEquals"], failed["MaxAttempts"]) == (["RunFailed"], 0)
    assert "Lambda.TooManyRequestsException" in service["ErrorEquals"]
    assert load["ErrorEquals"] == ["States.TaskFailed"]
    assert service["MaxAttempts"] > load["MaxAttempts"] >= 1


def test_the_load_gets_the_event_and_the_execution(states, resources, resolver):
    arguments = states["Load"]["Arguments"]
    assert "$event" in arguments["Payload"]
    assert "'execution': $states.context.Execution.Id" in arguments["Payload"]
    assert arguments["FunctionName"] == resolver({"Fn::GetAtt": ["LoadFunction", "Arn"]})


def test_a_load_that_is_given_up_is_told_so(states):
    payload = states["GiveUp"]["Arguments"]["Payload"]
    assert "$event" in payload
    assert "'given_up': true" in payload


def test_the_machine_keeps_no_more_of_an_answer_than_it_needs(states):
    assert set(states["Load"]["Output"]) == {"status", "remains"}
    assert states["GiveUp"]["Output"] == {}


def test_a_call_may_take_as_long_as_the_function(states, written):
    assert states["Load"]["TimeoutSeconds"] > written["Parameters"]["FunctionTimeout"]["MaxValue"]


def test_the_wait_is_the_parameters(states):
    assert "'77'" in states["WaitForOthers"]["Seconds"]


def test_the_failure_is_kept_with_its_event(states, resources, resolver):
    arguments = states["KeepFailure"]["Arguments"]
    assert set(arguments["MessageBody"]) == {"execution", "event", "error"}
    assert arguments["QueueUrl"] == "FailedRunsQueue"


def test_the_machine_may_do_just_what_its_states_do(resources, resolver):
    found = {
        (one["Action"], one["Resource"])
        for one in statements(resolver, resources["LoadUntilDoneRole"])
    }
    assert found == {
        ("lambda:InvokeFunction", resolver({"Fn::GetAtt": ["LoadFunction", "Arn"]})),
        ("sqs:SendMessage", resolver({"Fn::GetAtt": ["FailedRunsQueue", "Arn"]})),
    }
