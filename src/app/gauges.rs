//! What the store and the request records are doing, for the metrics.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

use crate::model::alarm::AlarmKind;
use crate::service::app::alarms::count_open_alarms;
use crate::service::{AppCaller, Context};
use crate::store::Store;
use crate::web::metrics::Metrics;

/// Lets the metrics show how the store is doing, looked up when they are read.
pub fn register(metrics: &Metrics, context: &Context) {
    let gauges = Gauges { store: context.store.clone(), records_dropped: context.recorder.dropped() };
    metrics.register(|registry| registry.register_collector(Box::new(gauges)));
}

struct Gauges {
    store: Store,
    records_dropped: Arc<AtomicU64>,
}

impl fmt::Debug for Gauges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gauges")
    }
}

impl Gauges {
    /// Every kind, also those without an open alarm: a rule on a series that is absent never fires.
    fn encode_alarms(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let Ok(open) = count_open_alarms(&self.store, &AppCaller::operator()) else { return Ok(()) };
        let help = "Open alarms by kind";
        let mut family = encoder.encode_descriptor("alarms", help, None, MetricType::Gauge)?;
        for kind in AlarmKind::ALL {
            let count = open.iter().find(|(known, _)| *known == kind).map_or(0, |(_, count)| *count);
            let gauge = ConstGauge::new(i64::try_from(count).unwrap_or(i64::MAX));
            gauge.encode(family.encode_family(&[("kind", kind.name())])?)?;
        }
        Ok(())
    }
}

impl Collector for Gauges {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let queued = i64::try_from(self.store.writes_queued()).unwrap_or(i64::MAX);
        let gauge = ConstGauge::new(queued);
        let help = "Writes that wait for the writer";
        let metric = encoder.encode_descriptor("store_writes_queued", help, None, gauge.metric_type())?;
        gauge.encode(metric)?;
        let dropped = ConstCounter::new(self.records_dropped.load(Ordering::Relaxed));
        let help = "Requests that were counted and not recorded";
        let metric =
            encoder.encode_descriptor("request_records_dropped", help, None, dropped.metric_type())?;
        dropped.encode(metric)?;
        self.encode_alarms(encoder)
    }
}
