//! What has been seen in a directory's traffic, as it is sent.

use serde::Serialize;

use super::list::Cursors;
use crate::base::limits;
use crate::model::catalogue::{Place, Seen};
use crate::scim::schema::ResourceType;
use crate::service::app::catalogue::{SeenInDirectory, SeenResources};

#[derive(Debug, Serialize)]
pub struct SeenAttributes {
    object: &'static str,
    data: Vec<Attribute>,
    list_metadata: Cursors,
    examined: Vec<Examined>,
}

/// How much was looked at: the newest users, and the oldest groups.
#[derive(Debug, Serialize)]
struct Examined {
    resource_type: &'static str,
    examined: usize,
    total: usize,
    /// Whether there were more attributes than are listed.
    is_cut: bool,
}

#[derive(Debug, Serialize)]
struct Attribute {
    object: &'static str,
    resource_type: &'static str,
    /// As a mapping writes it.
    path: String,
    urn: Option<String>,
    schema: &'static str,
    count: usize,
    /// Of the resources looked at, between 0 and 1.
    share: f64,
    types: Vec<&'static str>,
    multi_valued: bool,
    distinct: usize,
    /// Whether there are more different values than were counted.
    distinct_is_bound: bool,
    samples: Vec<String>,
    /// Whether the mapping in force reads it.
    is_mapped: bool,
}

impl SeenAttributes {
    pub fn new(seen: &SeenInDirectory) -> Self {
        let mut data = Vec::new();
        let mut examined = Vec::new();
        for resources in &seen.resources {
            let catalogue = &resources.catalogue;
            data.extend(
                catalogue.attributes().map(|(place, found)| attribute(seen, resources, place, found)),
            );
            examined.push(Examined {
                resource_type: resources.resource_type.name(),
                examined: catalogue.examined,
                total: resources.total,
                is_cut: catalogue.is_cut,
            });
        }
        Self { object: "list", data, list_metadata: Cursors::default(), examined }
    }
}

fn attribute(seen: &SeenInDirectory, resources: &SeenResources, place: &Place, found: &Seen) -> Attribute {
    let is_read =
        seen.reads.iter().any(|read| read.covers(place.urn.as_deref(), &place.name, place.sub.as_deref()));
    let share = |count: usize, of: usize| match (u32::try_from(count), u32::try_from(of)) {
        (Ok(count), Ok(of)) if 0 < of => f64::from(count) / f64::from(of),
        _ => 0.0,
    };
    Attribute {
        object: "seen_attribute",
        resource_type: resources.resource_type.name(),
        path: place.path(),
        urn: place.urn.clone(),
        schema: place.described_by(seen.registry.of(resources.resource_type)).name(),
        count: found.count,
        share: share(found.count, resources.catalogue.examined),
        types: found.types.iter().copied().collect(),
        multi_valued: found.is_multi_valued,
        distinct: found.distinct(),
        distinct_is_bound: found.distinct() == limits::CATALOGUE_DISTINCT_MAX,
        samples: found.samples.clone(),
        is_mapped: resources.resource_type == ResourceType::User && is_read,
    }
}
