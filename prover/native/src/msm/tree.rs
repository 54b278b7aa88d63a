//! Sums of groups of points, all groups at once, by rounds of pairwise additions.

use ark_ec::CurveGroup;

use super::kernel::{ARENA, Kernel, NEGATIVE, Work};

/// The sum of each group of referenced table points, infinity for an empty group.
///
/// Args:
///   refs: references into `table`, group after group; overwritten.
///   ends: where each group ends in `refs`.
pub fn sum_groups<K: Kernel>(
    kernel: K,
    table: &[K::Point],
    refs: &mut Vec<u32>,
    ends: &mut [u32],
    work: &mut Work<K>,
) -> Vec<K::Point> {
    work.arena.clear();
    loop {
        halve(refs, ends, work);
        if work.pairs.is_empty() {
            break;
        }
        kernel.add_pairs(table, &mut work.arena, &work.pairs, &mut work.scratch);
    }
    let mut start = 0;
    ends.iter()
        .map(|&end| {
            let group = &refs[start as usize..end as usize];
            start = end;
            match group {
                [] => K::Point::default(),
                [reference] => single(kernel, table, work, *reference),
                _ => unreachable!("rounds end when no group has two points"),
            }
        })
        .collect()
}

/// Pairs up the members of each group, and replaces each pair by a reference to where its sum will stand.
fn halve<K: Kernel>(refs: &mut Vec<u32>, ends: &mut [u32], work: &mut Work<K>) {
    work.pairs.clear();
    work.next.clear();
    let mut sum = ARENA | work.arena.len() as u32;
    let mut start = 0;
    for end in ends.iter_mut() {
        let (pairs, rest) = refs[start..*end as usize].as_chunks::<2>();
        start = *end as usize;
        work.pairs.extend_from_slice(pairs);
        work.next.extend(sum..sum + pairs.len() as u32);
        work.next.extend_from_slice(rest);
        sum += pairs.len() as u32;
        *end = work.next.len() as u32;
    }
    std::mem::swap(refs, &mut work.next);
}

fn single<K: Kernel>(kernel: K, table: &[K::Point], work: &Work<K>, reference: u32) -> K::Point {
    let index = (reference & !(NEGATIVE | ARENA)) as usize;
    let point = if reference & ARENA == 0 { table[index] } else { work.arena[index] };
    if reference & NEGATIVE == 0 {
        return point;
    }
    let sum: K::Curve = kernel.unpack(&point).into();
    kernel.pack(&(-sum).into_affine())
}
