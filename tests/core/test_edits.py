"""The journal in memory: groups, undo, redo, what a new edit drops."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framesift.labels.edits import Edit, EditGroup, Journal, put


def group(*changes: tuple[str, int, int], text: str = "") -> EditGroup[str, int]:
    return EditGroup(tuple(Edit(*change) for change in changes), text=text)


def test_an_edit_reversed_twice_is_itself() -> None:
    edit = Edit("a", 1, 2)
    assert edit.reversed() == Edit("a", 2, 1)
    assert edit.reversed().reversed() == edit


def test_a_group_is_one_gesture() -> None:
    one = group(("a", 0, 1), ("b", 0, 2))
    assert one.after() == {"a": 1, "b": 2}
    assert one.before() == {"a": 0, "b": 0}
    with pytest.raises(ValueError, match="needs an edit"):
        EditGroup(())
    with pytest.raises(ValueError, match="twice"):
        group(("a", 0, 1), ("a", 1, 2))


def test_undo_and_redo_go_group_by_group() -> None:
    journal: Journal[str, int] = Journal()
    assert journal.undo() is None
    assert journal.redo() is None
    first, second = group(("a", 0, 1)), group(("a", 1, 2))
    journal.record(first)
    journal.record(second)
    assert journal.undo() is second
    assert journal.undo() is first
    assert journal.undo() is None
    assert journal.redo() is first
    assert journal.redo() is second
    assert journal.redo() is None


def test_a_new_group_drops_what_was_undone() -> None:
    journal: Journal[str, int] = Journal()
    journal.record(group(("a", 0, 1)))
    journal.undo()
    new = group(("a", 0, 5))
    journal.record(new)
    assert journal.redo() is None
    assert journal.undo() is new


def test_put_leaves_empty_values_out() -> None:
    values = {"a": 1}
    put(values, {"a": 0, "b": 2, "c": 0}, 0)
    assert values == {"b": 2}


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(["undo", "redo"]),
            st.tuples(st.sampled_from("abc"), st.integers(0, 3)),
        )
    )
)
def test_undoing_everything_leads_back_and_redoing_forth(
    actions: list[str | tuple[str, int]],
) -> None:
    journal: Journal[str, int] = Journal()
    values: dict[str, int] = {}
    for action in actions:
        if isinstance(action, tuple):
            key, value = action
            new = EditGroup((Edit(key, values.get(key, 0), value),))
            journal.record(new)
            put(values, new.after(), 0)
        elif action == "undo" and (back := journal.undo()):
            put(values, back.before(), 0)
        elif action == "redo" and (forth := journal.redo()):
            put(values, forth.after(), 0)
    now, depth = dict(values), len(journal.done)
    while back := journal.undo():
        put(values, back.before(), 0)
    assert values == {}
    for _ in range(depth):
        forth = journal.redo()
        assert forth is not None
        put(values, forth.after(), 0)
    assert values == now
