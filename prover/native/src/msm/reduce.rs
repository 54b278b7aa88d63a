//! From bucket sums to the sum of each bucket times its weight.

use ark_ff::AdditiveGroup;

use super::{
    kernel::{Kernel, StoredPoint, Workspace, wipe},
    tree::sum_groups,
};

/// Below this a running sum in projective coordinates is cheaper than another round of inversions.
const DIRECT: usize = 16;

/// The plain and the weighted sum, 1 s[0] + 2 s[1] + 3 s[2] ..., of one row of points.
#[derive(Clone, Copy)]
pub struct RowSum<C> {
    pub plain: C,
    pub weighted: C,
}

/// Sums several rows at once.
///
/// A row is laid out as a square of side `side`; with k = side j + i the weight k + 1 is side j + (i + 1), so the
/// sums of the square's lines and columns, themselves shorter rows, give the result.
pub fn row_sums<K: Kernel>(kernel: K, rows: &[&[K::Point]], workspace: &mut Workspace<K>) -> Vec<RowSum<K::Curve>> {
    if rows.iter().all(|row| row.len() <= DIRECT) {
        return rows.iter().map(|row| running_sum(kernel, row)).collect();
    }
    let mut table = rows.concat();
    let (mut refs, mut ends, mut shapes) = (Vec::with_capacity(2 * table.len()), Vec::new(), Vec::new());
    let mut start = 0;
    for row in rows {
        let side = row.len().isqrt().next_power_of_two().max(1);
        let lines = row.len().div_ceil(side);
        let mut group = |members: &mut dyn Iterator<Item = usize>| {
            refs.extend(members.map(|k| start + k).filter(|&k| !table[k].is_infinity()).map(|k| k as u32));
            ends.push(refs.len() as u32);
        };
        (0..lines).for_each(|line| group(&mut (line * side..row.len().min((line + 1) * side))));
        (0..side).for_each(|column| group(&mut (column..row.len()).step_by(side)));
        shapes.push((side, lines));
        start += row.len();
    }
    let mut sums = sum_groups(kernel, &table, &mut refs, &mut ends, workspace);
    wipe(&mut table);
    let mut rest = sums.as_slice();
    let mut shorter = Vec::with_capacity(2 * rows.len());
    for &(side, lines) in &shapes {
        let (line_sums, tail) = rest.split_at(lines);
        let (column_sums, tail) = tail.split_at(side);
        shorter.extend([line_sums, column_sums]);
        rest = tail;
    }
    let shorter = row_sums(kernel, &shorter, workspace);
    wipe(&mut sums);
    let combine = |(&(side, _), pair): (&(usize, usize), &[RowSum<K::Curve>])| {
        let (lines, columns) = (pair[0], pair[1]);
        let mut weighted = lines.weighted - lines.plain;
        for _ in 0..side.trailing_zeros() {
            weighted.double_in_place();
        }
        RowSum { plain: lines.plain, weighted: weighted + columns.weighted }
    };
    shapes.iter().zip(shorter.chunks_exact(2)).map(combine).collect()
}

fn running_sum<K: Kernel>(kernel: K, row: &[K::Point]) -> RowSum<K::Curve> {
    let mut sum = RowSum { plain: K::Curve::ZERO, weighted: K::Curve::ZERO };
    for point in row.iter().rev() {
        sum.plain += kernel.unpack(point);
        sum.weighted += sum.plain;
    }
    sum
}
