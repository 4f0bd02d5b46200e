//! The values that Kerberos' messages hold, and the fields of its sequences, read strictly.

#![forbid(unsafe_code)]

use crate::date;
use crate::error::Result;
use crate::package::der::{
    BIT_STRING, CONTEXT_0, GENERAL_STRING, GENERALIZED_TIME, INTEGER, OCTET_STRING, Reader, SEQUENCE,
    context, invalid, only,
};

/// The bits of a tag that are not its number, and those of a context tag.
const CLASS: u8 = 0xE0;

/// The fields of a SEQUENCE: explicit tags, ascending, each once.
pub struct Fields<'a> {
    reader: Reader<'a>,
    next: u8,
}

impl<'a> Fields<'a> {
    /// The fields of the one SEQUENCE that `bytes` is.
    pub fn of(bytes: &'a [u8]) -> Result<Self> {
        Ok(Self { reader: Reader::new(only(bytes, SEQUENCE)?.body), next: CONTEXT_0 })
    }

    /// What field `number` holds, if it stands next; numbers are asked for in ascending order.
    pub fn optional(&mut self, number: u8) -> Result<Option<&'a [u8]>> {
        let mut ahead = self.reader;
        if ahead.is_empty() {
            return Ok(None);
        }
        let element = ahead.next()?;
        if element.tag < self.next || element.tag & CLASS != CONTEXT_0 {
            return Err(invalid("a field twice, out of order or of another class"));
        }
        if element.tag != context(number) {
            return Ok(None);
        }
        self.next = element.tag.saturating_add(1);
        self.reader = ahead;
        Ok(Some(element.body))
    }

    /// What field `number` holds.
    pub fn required(&mut self, number: u8) -> Result<&'a [u8]> {
        self.optional(number)?.ok_or_else(|| invalid("a field is missing"))
    }

    /// Skips fields that later versions of a protocol put behind the known ones.
    pub fn end(mut self) -> Result<()> {
        while !self.reader.is_empty() {
            let element = self.reader.next()?;
            if element.tag < self.next || element.tag & CLASS != CONTEXT_0 {
                return Err(invalid("a field twice, out of order or of another class"));
            }
            self.next = element.tag.saturating_add(1);
        }
        Ok(())
    }
}

/// An INTEGER of at most 64 bits, in as few bytes as it can be.
fn integer64(bytes: &[u8]) -> Result<i64> {
    let body = only(bytes, INTEGER)?.body;
    let negative = match *body {
        [] => return Err(invalid("an empty integer")),
        [0x00, second, ..] if second < 0x80 => return Err(invalid("an integer that is not the shortest")),
        [0xFF, second, ..] if second >= 0x80 => return Err(invalid("an integer that is not the shortest")),
        [first, ..] => first >= 0x80,
    };
    if body.len() > 8 {
        return Err(invalid("an integer out of range"));
    }
    let start = if negative { -1 } else { 0 };
    Ok(body.iter().fold(start, |value: i64, byte| (value << 8) | i64::from(*byte)))
}

/// Int32, and any other INTEGER with a type of its own range.
pub fn integer<T: TryFrom<i64>>(bytes: &[u8]) -> Result<T> {
    T::try_from(integer64(bytes)?).map_err(|_| invalid("an integer out of range"))
}

/// UInt32. Peers that keep it in a signed variable send its upper half as negative numbers.
pub fn uint32(bytes: &[u8]) -> Result<u32> {
    let value = integer64(bytes)?;
    match (u32::try_from(value), i32::try_from(value)) {
        (Ok(value), _) => Ok(value),
        (_, Ok(value)) => Ok(value.cast_unsigned()),
        _ => Err(invalid("an integer out of range")),
    }
}

/// A SEQUENCE OF with at most `most` elements; `read` gets each with its tag and length.
pub fn list<'a, T>(bytes: &'a [u8], most: usize, read: impl Fn(&'a [u8]) -> Result<T>) -> Result<Vec<T>> {
    let mut reader = Reader::new(only(bytes, SEQUENCE)?.body);
    let mut out = Vec::new();
    while !reader.is_empty() {
        if out.len() == most {
            return Err(invalid("a list with too many elements"));
        }
        out.push(read(reader.next()?.whole)?);
    }
    Ok(out)
}

/// An OCTET STRING's contents.
pub fn octets(bytes: &[u8]) -> Result<&[u8]> {
    Ok(only(bytes, OCTET_STRING)?.body)
}

/// A KerberosString: UTF-8 (of which the standard's ASCII is a part), no NUL.
pub fn text(bytes: &[u8]) -> Result<String> {
    let body = only(bytes, GENERAL_STRING)?.body;
    let text = std::str::from_utf8(body).map_err(|_| invalid("a string that is not UTF-8"))?;
    match text.contains('\0') {
        true => Err(invalid("a string with a NUL")),
        false => Ok(text.to_owned()),
    }
}

/// A KerberosString that is only shown.
pub fn text_lossy(bytes: &[u8]) -> Result<String> {
    Ok(String::from_utf8_lossy(only(bytes, GENERAL_STRING)?.body).into_owned())
}

/// KerberosFlags: the first 32 bits, bit 0 the highest. Absent bits are 0 (RFC 4120 5.2.8).
pub fn flags(bytes: &[u8]) -> Result<u32> {
    let (&unused, bits) =
        only(bytes, BIT_STRING)?.body.split_first().ok_or_else(|| invalid("an empty bit string"))?;
    if unused > 7 || (unused > 0 && bits.is_empty()) {
        return Err(invalid("a bit string with impossible unused bits"));
    }
    let word = (0..4).fold(0u32, |word, at| (word << 8) | u32::from(bits.get(at).copied().unwrap_or(0)));
    // Unused bits lie below bit 32 only in a string that is that short.
    let named = bits.len().saturating_mul(8).saturating_sub(usize::from(unused)).min(32);
    let mask = u32::try_from(named).ok().and_then(|named| u32::MAX.checked_shr(named)).unwrap_or(0);
    Ok(word & !mask)
}

/// A KerberosTime, `YYYYMMDDHHMMSSZ`, in seconds since 1970.
pub fn time(bytes: &[u8]) -> Result<i64> {
    let wrong = || invalid("a time that is not YYYYMMDDHHMMSSZ");
    let body = only(bytes, GENERALIZED_TIME)?.body;
    let (zone, digits) = body.split_last().ok_or_else(wrong)?;
    if *zone != b'Z' || digits.len() != 14 || !digits.iter().all(u8::is_ascii_digit) {
        return Err(wrong());
    }
    let number = |from: usize, to: usize| {
        let digits = digits.get(from..to).unwrap_or_default();
        digits.iter().fold(0i64, |value, digit| value * 10 + i64::from(digit - b'0'))
    };
    let (year, month, day) = (number(0, 4), number(4, 6), number(6, 8));
    let (hour, minute, second) = (number(8, 10), number(10, 12), number(12, 14));
    // Second 60 is a leap second: the first of the next minute for a clock that has none.
    if !(1..=12).contains(&month) || day < 1 || day > days_of(year, month) {
        return Err(wrong());
    }
    if hour > 23 || minute > 59 || second > 60 {
        return Err(wrong());
    }
    Ok(date::days_since_1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second)
}

fn days_of(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// `YYYYMMDDHHMMSSZ`; a time outside the years 0 to 9999 becomes the nearest inside.
pub(super) fn write_time(seconds: i64) -> String {
    let seconds = seconds.clamp(-62_167_219_200, 253_402_300_799);
    let (year, month, day) = date::of_day(seconds.div_euclid(86_400));
    let of_day = seconds.rem_euclid(86_400);
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::der::{Writer, element};

    fn written(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
        let mut writer = Writer::new();
        write(&mut writer);
        writer.finish()
    }

    #[test]
    fn integers_are_the_shortest() {
        for (value, body) in [
            (0i64, &[0u8][..]),
            (127, &[0x7F]),
            (128, &[0, 0x80]),
            (-1, &[0xFF]),
            (-128, &[0x80]),
            (-129, &[0xFF, 0x7F]),
            (i64::MAX, &[0x7F, 255, 255, 255, 255, 255, 255, 255]),
            (i64::MIN, &[0x80, 0, 0, 0, 0, 0, 0, 0]),
        ] {
            let bytes = written(|writer| writer.integer(value));
            assert_eq!(bytes, element(INTEGER, body));
            assert_eq!(integer::<i64>(&bytes).unwrap(), value);
        }
        for bad in [&[][..], &[0, 0], &[0, 0x7F], &[0xFF, 0x80], &[0xFF, 0xFF], &[1; 9]] {
            assert!(integer::<i64>(&element(INTEGER, bad)).is_err(), "{bad:02x?}");
        }
        assert!(integer::<i32>(&element(INTEGER, &[0, 0x80, 0, 0, 0])).is_err());
        assert!(integer::<u32>(&element(INTEGER, &[0xFF])).is_err());
    }

    #[test]
    fn an_unsigned_integer_may_come_from_a_signed_variable() {
        assert_eq!(uint32(&element(INTEGER, &[0, 0x80, 0, 0, 0])).unwrap(), 0x8000_0000);
        assert_eq!(uint32(&element(INTEGER, &[0x80, 0, 0, 0])).unwrap(), 0x8000_0000);
        assert_eq!(uint32(&element(INTEGER, &[0xFF])).unwrap(), u32::MAX);
        assert!(uint32(&element(INTEGER, &[1, 0, 0, 0, 0])).is_err());
        assert!(uint32(&element(INTEGER, &[0xFF, 0x7F, 0, 0, 0])).is_err());
    }

    #[test]
    fn times_are_seconds_since_1970() {
        for (text, seconds) in [
            ("19700101000000Z", 0),
            ("19691231235959Z", -1),
            ("20000229120000Z", 951_825_600),
            ("20370914024805Z", 2136509285),
            ("20261127140829Z", 1795788509),
            ("00000101000000Z", -62_167_219_200),
            ("99991231235959Z", 253_402_300_799),
        ] {
            assert_eq!(time(&element(GENERALIZED_TIME, text.as_bytes())).unwrap(), seconds, "{text}");
            assert_eq!(write_time(seconds), text);
        }
        assert_eq!(write_time(i64::MAX), "99991231235959Z");
        for day in (0..2_932_896).step_by(17) {
            let text = write_time(day * 86_400 + 1);
            assert_eq!(time(&element(GENERALIZED_TIME, text.as_bytes())).unwrap(), day * 86_400 + 1);
        }
        for bad in [
            "",
            "Z",
            "20261127140829",
            "202611271408Z",
            "20261127140829.0Z",
            "20261127140829+0",
            "20261327140829Z",
            "20260229140829Z",
            "20260431140829Z",
            "20260400140829Z",
            "20261127240829Z",
            "20261127146029Z",
            "20261127140861Z",
            "2026112714082-Z",
        ] {
            assert!(time(&element(GENERALIZED_TIME, bad.as_bytes())).is_err(), "{bad}");
        }
    }

    #[test]
    fn flags_of_any_length_are_read_as_32_bits() {
        for (body, word) in [
            (&[0, 0x40, 0x81, 0, 0x10][..], 0x4081_0010),
            (&[0], 0),
            (&[0, 0x40], 0x4000_0000),
            (&[4, 0xFF], 0xF000_0000),
            (&[7, 0xFF, 0xFF], 0xFF80_0000),
            (&[3, 1, 2, 3, 4, 0xFF], 0x0102_0304),
            (&[1, 1, 2, 3, 5], 0x0102_0304),
        ] {
            assert_eq!(flags(&element(BIT_STRING, body)).unwrap(), word, "{body:02x?}");
        }
        for bad in [&[][..], &[1], &[8, 0]] {
            assert!(flags(&element(BIT_STRING, bad)).is_err());
        }
        let bytes = written(|writer| writer.flags(0x4081_0010));
        assert_eq!(bytes, element(BIT_STRING, &[0, 0x40, 0x81, 0, 0x10]));
    }

    #[test]
    fn strings_are_utf_8_without_nul() {
        let ok = element(GENERAL_STRING, "bücher".as_bytes());
        assert_eq!(text(&ok).unwrap(), "bücher");
        assert!(text(&element(GENERAL_STRING, b"a\0b")).is_err());
        assert!(text(&element(GENERAL_STRING, &[0xFC])).is_err());
        assert_eq!(text_lossy(&element(GENERAL_STRING, &[0xFC])).unwrap(), "\u{FFFD}");
    }

    #[test]
    fn fields_ascend_and_stand_once() {
        let sequence = |tags: &[u8]| {
            let fields: Vec<u8> = tags.iter().flat_map(|tag| element(*tag, &[])).collect();
            element(SEQUENCE, &fields)
        };
        let bytes = sequence(&[0xA0, 0xA2, 0xA5, 0xA6]);
        let mut fields = Fields::of(&bytes).unwrap();
        assert!(fields.required(0).is_ok() && fields.optional(1).unwrap().is_none());
        assert!(fields.required(1).is_err() && fields.required(2).is_ok());
        fields.end().unwrap();
        for bad in [&[0xA0, 0xA0][..], &[0xA0, 0xA2, 0xA1], &[0xA0, 0x80], &[0xA0, 0x61]] {
            let bytes = sequence(bad);
            let mut fields = Fields::of(&bytes).unwrap();
            assert!(fields.required(0).is_ok() && fields.end().is_err(), "{bad:02x?}");
        }
    }
}
