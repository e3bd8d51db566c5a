//! Durations as literals: `30s`, `500ms`, `1h30m`, `1.5s`.

/// Each unit in nanoseconds.
const UNITS: [(&str, u64); 7] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// The nanoseconds of a literal, or a sentence that says what is wrong with it.
pub(super) fn nanos(literal: &str) -> Result<u64, String> {
    let mut rest: &str = &literal.replace('_', "");
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let (number, tail) = split(rest, |letter| !letter.is_ascii_digit() && letter != '.');
        let (unit, tail) = split(tail, |letter| letter.is_ascii_digit());
        let nanos = part(number, unit).map_err(|problem| format!("ttl: `{literal}` {problem}"))?;
        total = total.checked_add(nanos).ok_or_else(|| format!("ttl: `{literal}` is too long"))?;
        rest = tail;
    }
    match total {
        0 => Err(format!("ttl: `{literal}` is no time to live; it takes a duration above zero")),
        total => Ok(total),
    }
}

fn split(text: &str, at: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(at).unwrap_or(text.len()))
}

fn part(number: &str, unit: &str) -> Result<u64, String> {
    const HOW: &str = "such as `30s`, `500ms` or `1h30m` (d, h, m, s, ms, us, ns)";
    if unit.is_empty() {
        return Err(format!("has no unit; write it {HOW}"));
    }
    let Some((_, scale)) = UNITS.iter().find(|(known, _)| *known == unit) else {
        return Err(format!("has the unit `{unit}`, which is none; write it {HOW}"));
    };
    if let Ok(whole) = number.parse::<u64>() {
        return whole.checked_mul(*scale).ok_or_else(|| "is too long".into());
    }
    let fraction: f64 = number.parse().map_err(|_| format!("is no duration; write it {HOW}"))?;
    Ok((fraction * *scale as f64) as u64)
}

#[cfg(test)]
mod tests {
    use super::nanos;

    #[test]
    fn literals_with_units_are_durations() {
        assert_eq!(nanos("30s"), Ok(30_000_000_000));
        assert_eq!(nanos("500ms"), Ok(500_000_000));
        assert_eq!(nanos("1h30m"), Ok(5_400_000_000_000));
        assert_eq!(nanos("1.5s"), Ok(1_500_000_000));
        assert_eq!(nanos("1_000us"), Ok(1_000_000));
        assert_eq!(nanos("1d2h3m4s5ms6us7ns"), Ok(93_784_005_006_007));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (literal, problem) in [
            ("30", "no unit"),
            ("30x", "the unit `x`"),
            ("1h30", "no unit"),
            ("0s", "above zero"),
            ("0.0s", "above zero"),
            ("99999999d", "too long"),
            ("1.2.3s", "no duration"),
        ] {
            let said = nanos(literal).expect_err(literal);
            assert!(said.contains(problem), "{said}");
        }
    }
}
