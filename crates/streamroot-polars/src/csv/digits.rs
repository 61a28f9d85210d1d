//! Short numbers, read from 16 bytes at once.

/// How many bytes are looked at to read a plain value.
pub const WINDOW: usize = 16;

/// The number that the first `len` bytes of 16 are, if they are digits, perhaps with a point, and few enough: a whole number
/// up to 2^53 divided by a power of ten up to 10^22 is rounded once, so it is the nearest double (W. D. Clinger, "How to
/// read floating point numbers accurately", 1990). There is no loop and hardly a branch in it, since lengths vary from row to
/// row, and a processor that guesses them wrong loses more time than the digits take.
#[inline(always)]
pub fn decimal(window: &[u8; 16], len: usize) -> Option<f64> {
    let (mut high, mut low) = halves(window, len)?;
    let mut scale = 0;
    let others = not_digits(low);
    if not_digits(high) != 0 {
        return None;
    }
    if others != 0 {
        let point = others.trailing_zeros() & !7;
        if others & (others - 1) != 0 || (low >> point) as u8 != b'.' ^ b'0' || len == 1 {
            return None;
        }
        // What stands before the point moves into its place.
        let before = low & ((1 << point) - 1);
        let after = low & !(0x100_u64 << point).wrapping_sub(1);
        (high, low) = (high << 8, after | before << 8 | high >> 56);
        scale = 7 - point as usize / 8;
    }
    let whole = joined(high) * 100_000_000 + joined(low);
    (whole <= 1 << 53).then(|| whole as i64 as f64 / POWERS_OF_TEN[scale])
}

/// The number that the first `len` bytes of 16 are, if they are digits.
#[inline(always)]
pub fn whole_number(window: &[u8; 16], len: usize) -> Option<i64> {
    let (high, low) = halves(window, len)?;
    (not_digits(high) | not_digits(low) == 0).then(|| (joined(high) * 100_000_000 + joined(low)) as i64)
}

/// The values of the first `len` digits of 16, with zeros in front of them: the first eight and the last eight. The last
/// digit is in the highest byte.
#[inline(always)]
fn halves(window: &[u8; 16], len: usize) -> Option<(u64, u64)> {
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    if !(1..=16).contains(&len) {
        return None;
    }
    let eight = |from: usize| window.get(from..)?.first_chunk().map(|some| u64::from_le_bytes(*some) ^ ZEROS);
    let low = eight(len.max(8) - 8)? << (8 * (8 - len.min(8)));
    let high = if len > 8 { eight(0)? << (8 * (16 - len)) } else { 0 };
    Some((high, low))
}

/// The highest bit of each byte that is not the value of a digit.
#[inline(always)]
fn not_digits(digits: u64) -> u64 {
    (((digits & 0x7f7f_7f7f_7f7f_7f7f) + 0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080
}

/// The number that eight digits make. Pairs of digits are joined to numbers below 100, pairs of those to numbers below
/// 10,000, and pairs of those.
#[inline(always)]
fn joined(digits: u64) -> u64 {
    let twos = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = twos.wrapping_mul(100).wrapping_add(twos >> 16) & 0x0000_ffff_0000_ffff;
    fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff
}

const POWERS_OF_TEN: [f64; 8] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7];

#[cfg(test)]
mod tests {
    use super::super::tests::Random;
    use super::super::value::number;
    use super::*;

    #[test]
    fn numbers_are_the_nearest_doubles() {
        let mut random = Random(2019);
        let expected = |text: &str| text.parse::<f64>().ok().filter(|number| !number.is_nan());
        let mut decimals = 0;
        for _ in 0..400_000 {
            let mut text: String =
                (0..1 + random.below(18)).map(|_| char::from(b'0' + random.below(10) as u8)).collect();
            if random.below(4) > 0 {
                text.insert(random.below(text.len() + 1), '.');
            }
            if random.below(8) == 0 {
                let at = random.below(text.len());
                text.replace_range(at..at + 1, random.pick(&[".", "-", "e", "+", " ", "x", ":", "/", "~", "\0"]));
            }
            let expected = expected(&text);
            assert_eq!(number(text.as_bytes()).map(f64::to_bits), expected.map(f64::to_bits), "{text:?}");
            // What stands behind the number must not matter.
            let mut window = [random.pick(b"0.,x9"); WINDOW];
            let len = text.len().min(WINDOW);
            window[..len].copy_from_slice(&text.as_bytes()[..len]);
            if text.len() <= WINDOW
                && let Some(read) = decimal(&window, len)
            {
                assert_eq!(Some(read.to_bits()), expected.map(f64::to_bits), "{text:?}");
                decimals += 1;
            }
            if text.len() <= WINDOW
                && let Some(read) = whole_number(&window, len)
            {
                assert_eq!(Ok(read), text.parse(), "{text:?}");
            }
        }
        assert!(decimals > 100_000, "most of them are read without a detour: {decimals}");
    }
}
