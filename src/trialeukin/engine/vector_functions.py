"""exp, log and tanh of vectors, written out so that every lane and every width gets the same bits.

exp: x = n log 2 + r with |r| <= log(2) / 2; exp r = 1 + r + r^2 P(r), times 2^n. P is the Taylor series to
r^13, economised to r^11 (error 2e-17). Results below the smallest normal number are zero.
log: x = 2^k (1 + f) with 1 + f between sqrt(1/2) and sqrt(2), s = f / (2 + f), and
log(1 + f) = f - (f^2/2 - s (f^2/2 + R)), R = 2/3 s^2 + 2/5 s^4 + ... to s^22 (remainder 1e-18), economised to
s^16 (error 2e-18), as in Tang, Table-driven implementation of the logarithm function, ACM TOMS 16 (1990) 378,
without the table.
tanh: E / (E + 2) with E = exp(2|x|) - 1, which is 2^n (r + r^2 P(r)) + (2^n - 1), and the sign of x.

The errors are below 2 units in the last place for exp and log, and below 4 for tanh; a power is exp(y log x), with a
relative error of at most (2 + 3 |y log x|) 2^-52 (tested). Each is written where
it is used: a called function would wait for its own chain of operations and spill every register around it
(a step of aml-maintenance calls exp 24 times).
"""

import math
from fractions import Fraction

from trialeukin.engine.vector_text import Writer

LOG2_HIGH = float.fromhex("0x1.62e42fee00000p-1")  # its last 21 bits are zero: n times it is exact
LOG2_LOW = float.fromhex("0x1.a39ef35793c76p-33")
MAGIC = 1.5 * 2.0**52  # added to a whole number, leaves it in the low bits
MAGIC_BITS = 0x4338000000000000
BIAS = 1023.0  # of the exponent of a double
EXP_LOWEST, EXP_HIGHEST = -708.39, 709.78  # between them exp is a normal number
ROOT_HALF_BITS = 0x3FE6A09E667F3BCD
SMALLEST_NORMAL = 2.0**-1022
EXP_TERMS, EXP_KEPT = 12, 10  # of P
LOG_TERMS, LOG_KEPT = 11, 8  # of R
TANH_IS_ONE = 22.0  # from here on, to the last bit
FLIP, FLIP_TWO = 0x7FDE791800000000, 2.00145  # searched: see rough_reciprocal


def economised(coefficients: list[Fraction], low: Fraction, high: Fraction, kept: int) -> list[float]:
    """Return a polynomial with fewer terms that is nearly as good on an interval, the lowest coefficient first.

    The highest term is replaced again and again by what differs from it by a multiple of the Chebyshev
    polynomial of the interval, the smallest of its degree (Lanczos); exact until the last rounding.
    """
    given = list(coefficients)
    middle, half = (low + high) / 2, (high - low) / 2
    chebyshev = [[Fraction(1)], [-middle / half, 1 / half]]
    while len(chebyshev) < len(given):
        last, before = chebyshev[-1], chebyshev[-2]
        double = [2 * (_at(last, place - 1) - middle * _at(last, place)) / half for place in range(len(last) + 1)]
        chebyshev.append([value - _at(before, place) for place, value in enumerate(double)])
    while len(given) > kept:
        small = chebyshev[len(given) - 1]
        share = given[-1] / small[-1]
        given = [value - share * less for value, less in zip(given, small, strict=True)][:-1]
    return [float(value) for value in given]


def _at(coefficients: list[Fraction], place: int) -> Fraction:
    return coefficients[place] if 0 <= place < len(coefficients) else Fraction(0)


_HALF_LOG2 = Fraction(3466, 10000)
EXP_SERIES = economised(
    [Fraction(1, math.factorial(k + 2)) for k in range(EXP_TERMS)], -_HALF_LOG2, _HALF_LOG2, EXP_KEPT
)
LOG_SERIES = economised(
    [Fraction(2, 2 * k + 1) for k in range(1, LOG_TERMS + 1)], Fraction(0), Fraction(2945, 100000), LOG_KEPT
)


def _polynomial(writer: Writer, coefficients: list[float], value: str) -> str:
    """Return a polynomial, its lowest coefficient first, by Estrin's scheme: pairs of terms, pairs of pairs.

    It is three times shorter in time than Horner's scheme, whose every operation waits for the one before.
    """
    level = [writer.splat(coefficient) for coefficient in coefficients]
    power = value
    while len(level) > 1:
        pairs = [writer.fused(high, power, low) for low, high in zip(level[::2], level[1::2], strict=False)]
        level = [*pairs, level[-1]] if len(level) % 2 else pairs
        if len(level) > 1:
            power = writer.binary("fmul", power, power)
    return level[0]


def _parts_of_exp(writer: Writer, value: str) -> tuple[str, str]:
    """Return 2^n and r + r^2 P(r), which is exp r - 1."""
    words, vector = writer.words, writer.vector
    marked = writer.fused(value, writer.splat(1.0 / math.log(2.0)), writer.splat(MAGIC + BIAS))
    count = writer.binary("fsub", marked, writer.splat(MAGIC + BIAS))
    rest = writer.fused(count, writer.splat(-LOG2_HIGH), value)
    rest = writer.fused(count, writer.splat(-LOG2_LOW), rest)
    series = _polynomial(writer, EXP_SERIES, rest)
    less = writer.fused(writer.binary("fmul", rest, rest), series, rest)
    raised = writer.fresh(f"shl {words} {_bits(writer, marked)}, {writer.splat_word(52)}")
    return writer.fresh(f"bitcast {words} {raised} to {vector}"), less


def _bits(writer: Writer, value: str) -> str:
    return writer.fresh(f"bitcast {writer.vector} {value} to {writer.words}")


def exponential(writer: Writer, value: str) -> str:
    """Return exp of a vector."""
    power, less = _parts_of_exp(writer, value)
    result = writer.fused(power, less, power)
    low = writer.compare("olt", value, writer.splat(EXP_LOWEST))
    result = writer.select(low, writer.splat(0.0), result)
    high = writer.compare("ogt", value, writer.splat(EXP_HIGHEST))
    return writer.select(high, writer.splat(math.inf), result)


def rough_reciprocal(writer: Writer, value: str) -> str:
    """Return one over a vector of positive normal numbers, to one part in 400,000, without a division.

    A constant minus the bits of x is 1/x to 6 %, since exponents subtract; r (c - x r) is that to 0.15 %, and
    one Newton step squares it.
    """
    vector, words = writer.vector, writer.words
    negative = writer.fresh(f"fneg {vector} {value}")
    flipped = writer.fresh(f"sub {words} {writer.splat_word(FLIP)}, {_bits(writer, value)}")
    first = writer.fresh(f"bitcast {words} {flipped} to {vector}")
    second = writer.binary("fmul", first, writer.fused(negative, first, writer.splat(FLIP_TWO)))
    return writer.fused(second, writer.fused(negative, second, writer.splat(1.0)), second)


def hyperbolic_tangent(writer: Writer, value: str) -> str:
    """Return tanh of a vector."""
    vector, one = writer.vector, writer.splat(TANH_IS_ONE)
    size = writer.intrinsic("fabs", value)
    size = writer.select(writer.compare("ogt", size, one), one, size)
    power, less = _parts_of_exp(writer, writer.binary("fadd", size, size))
    less = writer.fused(power, less, writer.binary("fsub", power, writer.splat(1.0)))
    result = writer.binary("fdiv", less, writer.binary("fadd", less, writer.splat(2.0)))
    negative = writer.compare("olt", value, writer.splat(0.0))
    return writer.select(negative, writer.fresh(f"fneg {vector} {result}"), result)


def logarithm(writer: Writer, value: str) -> str:
    """Return the natural logarithm of a vector."""
    words, vector = writer.words, writer.vector
    tiny = writer.compare("olt", value, writer.splat(SMALLEST_NORMAL))
    bits = _bits(writer, writer.select(tiny, writer.binary("fmul", value, writer.splat(2.0**54)), value))
    above = writer.fresh(f"sub {words} {bits}, {writer.splat_word(ROOT_HALF_BITS)}")
    exponent = writer.fresh(f"ashr {words} {above}, {writer.splat_word(52)}")
    raised = writer.fresh(f"shl {words} {exponent}, {writer.splat_word(52)}")
    mantissa = writer.fresh(f"sub {words} {bits}, {raised}")
    marked = writer.fresh(f"add {words} {exponent}, {writer.splat_word(MAGIC_BITS)}")
    count = writer.binary("fsub", writer.fresh(f"bitcast {words} {marked} to {vector}"), writer.splat(MAGIC))
    count = writer.select(tiny, writer.binary("fsub", count, writer.splat(54.0)), count)
    less = writer.binary("fsub", writer.fresh(f"bitcast {words} {mantissa} to {vector}"), writer.splat(1.0))
    ratio = writer.binary("fdiv", less, writer.binary("fadd", less, writer.splat(2.0)))
    square = writer.binary("fmul", ratio, ratio)
    series = _polynomial(writer, LOG_SERIES, square)
    half = writer.binary("fmul", writer.binary("fmul", less, writer.splat(0.5)), less)
    small = writer.fused(square, series, half)
    small = writer.fused(ratio, small, writer.binary("fmul", count, writer.splat(LOG2_LOW)))
    tail = writer.binary("fsub", writer.binary("fsub", half, small), less)
    result = writer.fused(count, writer.splat(LOG2_HIGH), writer.fresh(f"fneg {vector} {tail}"))
    return _of_no_finite_logarithm(writer, value, result)


def _of_no_finite_logarithm(writer: Writer, value: str, result: str) -> str:
    """Return a logarithm, put right where the number is infinite, zero or negative."""
    infinite = writer.compare("oeq", value, writer.splat(math.inf))
    result = writer.select(infinite, value, result)
    zero = writer.compare("oeq", value, writer.splat(0.0))
    result = writer.select(zero, writer.splat(-math.inf), result)
    meaningless = writer.compare("ult", value, writer.splat(0.0))
    return writer.select(meaningless, writer.splat(math.nan), result)
