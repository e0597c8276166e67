//! The bands of the cumulative flow diagram.

use std::collections::BTreeMap;

use engine::{Category, Status, StatusId, oversight::flow::Band};

use super::ProjectFlow;

/// The columns of a project; deleted ones are summed by category.
pub(super) fn of_columns(flow: &ProjectFlow, days: usize) -> Vec<Band> {
    let column = |status: &Status| Band {
        status_id: Some(status.id),
        name: status.name.clone(),
        color: Some(status.color.clone()),
        category: status.category,
        counts: sum(flow.bands.iter().filter(|((id, _), _)| *id == status.id).map(|(_, counts)| counts), days),
    };
    let gone = |id: &StatusId| !flow.statuses.iter().any(|status| status.id == *id);
    let past = categories(flow.bands.iter().filter(|((id, _), _)| gone(id)), days);
    let past = past.into_iter().filter(|band| band.counts.iter().any(|count| *count > 0));
    flow.statuses.iter().map(column).chain(past).collect()
}

pub(super) fn of_categories<'a>(flows: impl Iterator<Item = &'a ProjectFlow>, days: usize) -> Vec<Band> {
    categories(flows.flat_map(|flow| &flow.bands), days)
}

fn categories<'a>(bands: impl Iterator<Item = (&'a (StatusId, Category), &'a Vec<u32>)>, days: usize) -> Vec<Band> {
    let mut parts: BTreeMap<Category, Vec<&Vec<u32>>> = BTreeMap::new();
    for ((_, category), counts) in bands {
        parts.entry(*category).or_default().push(counts);
    }
    let band = |category: Category| Band {
        status_id: None,
        name: category.name().to_owned(),
        color: None,
        category,
        counts: sum(parts.get(&category).into_iter().flatten().copied(), days),
    };
    [Category::Todo, Category::Doing, Category::Done].map(band).into()
}

fn sum<'a>(all: impl Iterator<Item = &'a Vec<u32>>, days: usize) -> Vec<u32> {
    all.fold(vec![0; days], |mut sums, counts| {
        sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        sums
    })
}
