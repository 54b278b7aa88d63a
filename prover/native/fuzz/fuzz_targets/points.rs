//! Texts of coordinates and signals: what is accepted is canonical and a point of its group.
#![no_main]

use ark_ec::AffineRepr;
use libfuzzer_sys::fuzz_target;
use zksolvency_native::proof::{g1_strings, g2_strings, parse_g1, parse_g2, parse_scalar};

fuzz_target!(|text: &str| {
    let lines: Vec<&str> = text.split('\n').collect();
    for line in &lines {
        if let Ok(value) = parse_scalar(line, "signal") {
            assert_eq!(value.to_string(), *line);
        }
    }
    if let [x, y, ..] = lines[..]
        && let Ok(point) = parse_g1([x, y], "point")
    {
        assert!(point.is_on_curve() && !point.is_zero());
        assert_eq!(g1_strings(&point), [x, y]);
    }
    if let [a, b, c, d, ..] = lines[..]
        && let Ok(point) = parse_g2([[a, b], [c, d]], "point")
    {
        assert!(point.is_on_curve() && point.is_in_correct_subgroup_assuming_on_curve() && !point.is_zero());
        assert_eq!(g2_strings(&point), [[a, b], [c, d]]);
    }
});
