from __future__ import annotations

from array import array

from ttr_tui.screens.selection import Group, Listing, Selection, only_selected


def chosen(marked: set[int], matched: list[int]) -> Selection:
    selection = Selection()
    selection.matched = matched
    selection.add(marked)
    return selection


def test_who_is_selected_stays_so_when_the_search_no_longer_matches() -> None:
    """Selected and not in view are two counts; a search changes only the second."""
    selection = chosen({1, 2}, [1, 2, 3])
    assert (selection.count, selection.not_in_view) == (2, 0)
    selection.matched = [3]
    assert (selection.count, selection.not_in_view) == (2, 2)
    selection.toggle(3)
    assert (selection.count, selection.not_in_view) == (3, 2)


def test_all_and_invert_stay_within_what_matches() -> None:
    """Who is selected out of view is neither lost by `a` nor touched by `i`."""
    selection = chosen({9}, [1, 2, 3])
    selection.add_matched()
    assert set(selection.marked) == {1, 2, 3, 9}
    selection.toggle(2)
    selection.invert()
    assert set(selection.marked) == {2, 9}
    assert selection.not_in_view == 1
    selection.clear()
    assert (selection.count, selection.not_in_view) == (0, 0)


def test_the_selected_come_in_the_order_of_the_list() -> None:
    """Those in view as the list has them, those not in view as all users stand, few on demand."""
    selection = chosen({4, 1, 8, 6}, [6, 4, 2])
    everyone = array("I", [8, 6, 4, 2, 1])
    assert list(selection.in_view_of()) == [6, 4]
    assert list(selection.not_in_view_of(everyone)) == [8, 1]
    assert selection.not_in_view_of(everyone, 1) == [8]


def test_dropping_a_user_out_of_view_is_counted() -> None:
    """Who left the directory is selected no longer, in view or not."""
    selection = chosen({1, 2, 9}, [1, 2])
    assert selection.not_in_view == 1
    selection.drop({9, 1})
    assert (set(selection.marked), selection.not_in_view) == ({2}, 0)


def test_rows_of_groups_stand_below_their_headings() -> None:
    """A heading takes a row of its own, an empty one takes none."""
    listing = Listing((Group("Not in view (2)", [7, 8]), Group("In view (1)", [3])))
    assert [listing.at(row) for row in range(listing.count)] == [
        "Not in view (2)",
        7,
        8,
        "In view (1)",
        3,
    ]
    assert listing.users(1, 4) == [7, 8, 3]
    assert listing.users(2, 2) == [8]
    assert (listing.index_of(3), listing.index_of(7), listing.index_of(5)) == (4, 1, None)
    plain = Listing((Group("", array("I", [5, 6])),))
    assert (plain.count, plain.at(1), plain.users(0, 0), plain.index_of(6)) == (2, 6, [5], 1)


def test_headings_count_who_is_still_selected() -> None:
    """Users taken out of the selection keep their rows; the heading's count follows."""
    selection = chosen({1, 2, 3}, [3])
    listing = only_selected(selection, [1, 2], [3])
    assert [group.heading[-3:] for group in listing.groups] == ["(2)", "(1)"]
    selection.toggle(1)
    listing = only_selected(selection, [1, 2], [3])
    assert [group.heading[-3:] for group in listing.groups] == ["(1)", "(1)"]
    assert listing.count == 5
    assert only_selected(selection, [], [3]).count == 2
