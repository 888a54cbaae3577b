import csv
import io

from ui.models import export


def test_csv_can_be_read_back_cell_by_cell() -> None:
    lines = [["Name", "Note"], ['a "b", c', "two\nlines"]]
    assert list(csv.reader(io.StringIO(export.as_csv(lines)))) == lines


def test_a_file_name_is_never_run_as_a_formula() -> None:
    assert export.as_csv([["=HYPERLINK(1)", "+1", "-1", "@x", "plain"]]) == "'=HYPERLINK(1),'+1,'-1,'@x,plain\r\n"


def test_the_clipboard_gets_one_line_a_row() -> None:
    assert export.as_tabbed([["a\tb", "c\nd"], ["e", ""]]) == "a b\tc d\ne\t"


def test_blanks_of_a_name_stay_as_many_on_the_clipboard() -> None:
    assert export.as_tabbed([["a  b ", " c\r\nd\u2028e"]]) == "a  b \t c d e"
