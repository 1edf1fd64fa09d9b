//! Counts the deviations that were understood, so that a team sees what its customers' providers do.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;

use crate::model::provider::Provider;
use crate::scim::dialect::Rule;
use crate::web::metrics::Metrics;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    rule: &'static str,
    provider: &'static str,
}

pub struct Counters {
    deviations: Family<Labels, Counter>,
}

impl Counters {
    pub fn new(metrics: &Metrics) -> Self {
        let deviations = Family::default();
        metrics.register(|registry| {
            let help = "Deviations from the RFCs that were understood, by name and provider";
            registry.register("scim_deviations", help, deviations.clone());
        });
        Self { deviations }
    }

    /// Counts each rule of one request.
    pub fn count(&self, provider: Provider, rules: &[Rule]) {
        for rule in rules {
            let labels = Labels { rule: rule.name(), provider: provider.name() };
            self.deviations.get_or_create(&labels).inc();
        }
    }
}
