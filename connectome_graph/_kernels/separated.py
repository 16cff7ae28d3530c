"""Separated text (CSV, TSV) looked at byte by byte: what kind of value every field is.

Nothing is converted here. One pass counts, for every column, how many fields there are of each
class, quoted and unquoted apart; the reading rule (``model/rule.py``) decides from the counts.
"""

from __future__ import annotations

import numpy as np

from connectome_graph._kernels.compiling import compiled

#: The classes of a field, in the order of the counts.
(
    EMPTY, MISSING, WHOLE, UNSIGNED, HUGE, NUMBER, INFINITE, TRUTH, TIME, FINE_TIME, TIME_UTC,
    FINE_TIME_UTC, TEXT, NEGATIVE,
) = range(14)  # fmt: skip
N_CLASSES = 14

_QUOTE, _FEED, _RETURN = np.uint8(34), np.uint8(10), np.uint8(13)
_BLANK, _MINUS, _PLUS, _ZERO, _NINE = (np.uint8(ord(c)) for c in " -+09")
_TOP, _TOP_NEXT = np.uint64(1844674407370955161), np.uint64(5)  # 2**64 - 1 without, and its last


@compiled
def number_class(data, a, b, decimal):
    """Return the class of the text ``data[a:b]`` as a number, or TEXT; NEGATIVE is never given."""
    i = a
    negative = i < b and data[i] == _MINUS
    if negative:
        i += 1
    start = i
    value = np.uint64(0)
    over = False
    while i < b and _ZERO <= data[i] <= _NINE:
        digit = np.uint64(data[i] - _ZERO)
        if value > _TOP or (value == _TOP and digit > _TOP_NEXT):
            over = True
        else:
            value = value * np.uint64(10) + digit
        i += 1
    n_digits = i - start
    if n_digits > 1 and data[start] == _ZERO:
        return TEXT
    if i == b:
        if n_digits == 0:
            return TEXT
        if over:
            return HUGE
        if negative:
            return WHOLE if value <= np.uint64(1 << 63) else HUGE
        return WHOLE if value < np.uint64(1 << 63) else UNSIGNED
    if data[i] == decimal:
        i += 1
        first = i
        while i < b and _ZERO <= data[i] <= _NINE:
            i += 1
        n_digits += i - first
    if n_digits == 0:
        return TEXT
    if i < b and (data[i] == 101 or data[i] == 69):
        i += 1
        if i < b and (data[i] == _MINUS or data[i] == _PLUS):
            i += 1
        first = i
        while i < b and _ZERO <= data[i] <= _NINE:
            i += 1
        if i == first:
            return TEXT
    return NUMBER if i == b else TEXT


@compiled
def two_digits(data, at):
    """Return the number that two digits make; -1 where they are none."""
    if _ZERO <= data[at] <= _NINE and _ZERO <= data[at + 1] <= _NINE:
        return np.int64(data[at] - _ZERO) * 10 + np.int64(data[at + 1] - _ZERO)
    return np.int64(-1)


@compiled
def is_infinite(data, a, b):
    """Return whether ``data[a:b]`` is ``inf`` or ``-inf``: a float, as programs write it."""
    a += np.int64(data[a] == _MINUS)
    return b - a == 3 and data[a] == 105 and data[a + 1] == 110 and data[a + 2] == 102


@compiled
def time_class(data, a, b):  # noqa: PLR0911 - one for each thing that is no time
    """Return the class of the text ``data[a:b]`` as a date or time (ISO 8601), or TEXT.

    ``YYYY-MM-DD``, perhaps with ``hh:mm``, ``:ss``, up to nine decimals, and ``Z`` or ``+00:00``
    behind it.
    """
    if b - a < 10 or data[a + 4] != _MINUS or data[a + 7] != _MINUS:
        return TEXT
    century, year = two_digits(data, a), two_digits(data, a + 2)
    month, day = two_digits(data, a + 5), two_digits(data, a + 8)
    if century < 0 or year < 0 or month < 1 or month > 12 or day < 1:
        return TEXT
    year += 100 * century
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    last = 30 if month in (4, 6, 9, 11) else 31
    if month == 2:
        last = 29 if leap else 28
    if year == 0 or day > last:
        return TEXT
    if b - a == 10:
        return TIME
    if b - a < 16 or data[a + 13] != 58 or (data[a + 10] != _BLANK and data[a + 10] != 84):
        return TEXT
    hour, minute = two_digits(data, a + 11), two_digits(data, a + 14)
    if hour < 0 or hour > 23 or minute < 0 or minute > 59:
        return TEXT
    end = b
    if data[b - 1] == 90:
        end = b - 1
    elif b - a > 16 and data[b - 6] == _PLUS and data[b - 3] == 58:
        if two_digits(data, b - 5) == 0 and two_digits(data, b - 2) == 0:
            end = b - 6
    zoned = end < b
    at = a + 16
    n_decimals = 0
    if at < end:
        second = two_digits(data, at + 1) if end - at >= 3 and data[at] == 58 else np.int64(-1)
        if second < 0 or second > 59:
            return TEXT
        at += 3
        if at < end:
            n_decimals = end - at - 1
            if data[at] != 46 or n_decimals < 1 or n_decimals > 9:
                return TEXT
            for i in range(at + 1, end):
                if not (_ZERO <= data[i] <= _NINE):
                    return TEXT
    if n_decimals > 6:
        # nanoseconds in 64 bits reach from 1677 to 2262
        if year < 1678 or year > 2261:
            return TEXT
        return FINE_TIME_UTC if zoned else FINE_TIME
    return TIME_UTC if zoned else TIME


@compiled
def is_word(data, a, b, words, ends):
    """Return whether ``data[a:b]`` is one of the words, which lie one behind the other."""
    start = 0
    for w in range(len(ends)):
        if ends[w] - start == b - a:
            same = True
            for i in range(b - a):
                if data[a + i] != words[start + i]:
                    same = False
                    break
            if same:
                return True
        start = ends[w]
    return False


@compiled
def field_class(data, a, b, decimal, lists):
    """Return the class of the field ``data[a:b]``; `lists` are the known words by class."""
    if a == b:
        return EMPTY
    begins, missing, missing_ends, truth, truth_ends, infinite, infinite_ends = lists
    # a missing word is one only without blanks around it, as every reader has it
    if b - a <= 9 and begins[data[a]] and is_word(data, a, b, missing, missing_ends):
        return MISSING
    while a < b and data[a] == _BLANK:
        a += 1
    while b > a and data[b - 1] == _BLANK:
        b -= 1
    found = number_class(data, a, b, decimal)
    if found == TEXT and 0 < b - a <= 9 and begins[data[a]]:
        if is_word(data, a, b, truth, truth_ends):
            return TRUTH
        if is_word(data, a, b, infinite, infinite_ends):
            return INFINITE
    if found == TEXT and a < b and is_infinite(data, a, b):
        return NUMBER
    return time_class(data, a, b) if found == TEXT else found


@compiled
def judge(data, final, marks, lists, counts, state):
    """Count the classes of the fields of a block; return how many bytes were used up.

    Parameters
    ----------
    data
        uint8: the block, which begins where the last one was left.
    final
        Whether nothing follows.
    marks
        uint8: delimiter and decimal point.
    lists
        Whether a byte begins a known word, and the words, each list as bytes and ends.
    counts
        int64, shape ``(2, n_columns, N_CLASSES)``: unquoted fields, quoted fields.
    state
        int64: column the block begins in, rows so far, rows with another number of fields, the
        first of these.
    """
    delimiter, decimal = marks
    n_columns = counts.shape[1]
    column = state[0]
    i = 0
    n = len(data)
    while i < n:
        a = i
        quoted = data[i] == _QUOTE
        content, stop = i, i
        if quoted:
            i += 1
            content = i
            while True:
                while i < n and data[i] != _QUOTE:
                    i += 1
                if i + 1 >= n and not (final and i < n):
                    state[0] = column
                    return a
                if i + 1 < n and data[i + 1] == _QUOTE:
                    i += 2
                    continue
                break
            stop = i
            i += 1
        digits = not quoted
        while i < n:
            byte = data[i]
            if byte == delimiter or byte == _FEED or byte == _RETURN:
                break
            digits &= (byte >= _ZERO) & (byte <= _NINE)
            i += 1
        if i == n and not final:
            state[0] = column
            return a
        if not quoted:
            stop = i
        ends_row = i == n or data[i] != delimiter
        if column == 0 and ends_row and i == a and not quoted:
            i += 1  # an empty line is no row
            continue
        if column < n_columns:
            length = stop - content
            if digits and 0 < length <= 18 and (length == 1 or data[content] != _ZERO):
                kind = WHOLE  # most fields: not looked at twice
            else:
                kind = field_class(data, content, stop, decimal, lists)
            counts[np.int64(quoted), column, kind] += 1
            if kind == WHOLE and data[content] == _MINUS:
                counts[np.int64(quoted), column, NEGATIVE] += 1
        column += 1
        if ends_row:
            if column != n_columns:
                if state[2] == 0:
                    state[3] = state[1]
                state[2] += 1
            state[1] += 1
            column = 0
        i += 1
    if final and column > 0:
        # the text ends behind a delimiter: an empty last field
        if column < n_columns:
            counts[0, column, EMPTY] += 1
        if column + 1 != n_columns:
            state[2] += 1
            state[3] = state[1]
        state[1] += 1
        column = 0
    state[0] = column
    return n


@compiled
def tidied(data, marks, out, state):
    """Copy a block without comment lines and without blanks behind separators; return its length.

    `marks` are delimiter, comment mark (0: none) and whether blanks are left out; `state` is
    whether a quoted field is open, a comment is open, and a field has just begun (1) or a row
    (2).
    """
    delimiter, comment, blanks = marks
    open_quote, open_comment, begun = state[0], state[1], state[2]
    k = 0
    for i in range(len(data)):
        byte = data[i]
        if open_comment:
            if byte == _FEED or byte == _RETURN:
                open_comment = 0
                begun = 2
            continue
        if open_quote:
            open_quote = np.int64(byte != _QUOTE)
        elif begun == 2 and comment != 0 and byte == comment:
            open_comment = 1
            continue
        elif begun and blanks and byte == _BLANK:
            continue
        elif byte == _QUOTE and begun:
            open_quote = 1
            begun = 0
        elif byte == delimiter:
            begun = 1
        elif byte == _FEED or byte == _RETURN:
            begun = 2
        elif byte == _QUOTE and state[3]:
            open_quote = 1  # the second of two quotes: the field goes on
        else:
            begun = 0
        state[3] = np.int64(byte == _QUOTE and not open_quote)
        out[k] = byte
        k += 1
    state[0], state[1], state[2] = open_quote, open_comment, begun
    return k
