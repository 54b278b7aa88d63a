//! Points in decimal text: finite points of their group are accepted, everything else is refused with its reason.

use ark_bn254::{Fq, Fq2, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::PrimeField;
use zksolvency_native::{
    error::{Error, Result},
    proof::{g1_strings, g2_strings, parse_g1, parse_g2},
};

fn g1([x, y]: [&str; 2]) -> Result<G1Affine> {
    parse_g1([x, y], "point")
}

fn g2(text: &[[String; 2]; 2]) -> Result<G2Affine> {
    parse_g2(text.each_ref().map(|half| half.each_ref().map(String::as_str)), "point")
}

fn reason<P>(parsed: Result<P>) -> &'static str {
    match parsed.err().expect("refused") {
        Error::Rejected { reason, .. } => reason,
        error => panic!("{error}"),
    }
}

#[test]
fn the_generators_are_accepted() {
    let [x, y] = g1_strings(&G1Affine::generator());
    assert_eq!(g1([&x, &y]).unwrap(), G1Affine::generator());
    assert_eq!(g2(&g2_strings(&G2Affine::generator())).unwrap(), G2Affine::generator());
}

/// arkworks stores infinity as (0, 0) and holds it to be on the curve. An IC point at infinity would leave its public
/// signal unbound: one proof would verify with any value of it.
#[test]
fn infinity_as_zeros_is_refused() {
    assert_eq!(reason(g1(["0", "0"])), "point-not-on-curve");
    assert_eq!(reason(g2(&g2_strings(&G2Affine::identity()))), "point-not-on-curve");
}

#[test]
fn points_off_the_curve_are_refused() {
    assert_eq!(reason(g1(["1", "1"])), "point-not-on-curve");
    let [x, [c0, _]] = g2_strings(&G2Affine::generator());
    assert_eq!(reason(g2(&[x, [c0, "1".into()]])), "point-not-on-curve");
}

#[test]
fn points_of_g2_outside_the_group_are_refused() {
    let outside = (1u64..).find_map(|x| G2Affine::get_point_from_x_unchecked(Fq2::from(x), false)).unwrap();
    assert_eq!(reason(g2(&g2_strings(&outside))), "point-not-in-subgroup");
}

#[test]
fn other_forms_of_a_coordinate_are_refused() {
    let [x, y] = g1_strings(&G1Affine::generator());
    let above = Fq::MODULUS.to_string();
    for other in [format!("0{x}"), format!("+{x}"), format!(" {x}"), format!("-{x}"), String::new(), above] {
        assert_eq!(reason(g1([&other, &y])), "coordinate-not-in-field", "{other:?}");
    }
}
