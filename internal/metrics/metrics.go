// Package metrics counts what the program does, for Prometheus. Its labels come from fixed lists: never a merchant,
// an agent, a card or anything else that identifies somebody or grows with the books.
package metrics

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"tongka/internal/engine"
	"tongka/internal/follow"
	"tongka/internal/hook"
	"tongka/internal/httpd"
)

// Metrics holds the program's metrics.
type Metrics struct {
	registry *prometheus.Registry
	counted  sync.Map // of *series by kind of request: looking them up by their labels is slower
	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
	batch    prometheus.Histogram
	commit   prometheus.Histogram
	waiting  prometheus.Gauge
	stale    prometheus.Counter
	turns    prometheus.Counter
	unknown  prometheus.Counter
}

// New returns metrics that start at zero, including those of the Go runtime and the process. version is a label of
// tongka_build_info.
func New(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tongka_requests_total", Help: "Requests answered, by wire, endpoint, outcome and HTTP status.",
		}, []string{"dialect", "endpoint", "outcome", "status"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "tongka_request_seconds", Help: "Time to answer a request.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, 1, 5},
		}, []string{"dialect", "endpoint"}),
		batch: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "tongka_batch_commands", Help: "Commands decided together.",
			Buckets: prometheus.ExponentialBuckets(1, 2, 10),
		}),
		commit: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "tongka_commit_seconds", Help: "Time to save what a batch decided.",
			Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, 1, 5},
		}),
		waiting: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "tongka_queue_commands", Help: "Commands left waiting in a lane when its latest batch was gathered.",
		}),
		stale: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tongka_stale_total", Help: "Batches decided again because another process had changed their records.",
		}),
		turns: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tongka_turns_total", Help: "Batches decided in turns with another process of the merchant.",
		}),
		unknown: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tongka_unknown_commits_total", Help: "Commits of which the outcome had to be looked up.",
		}),
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "tongka_build_info", Help: "Always 1; the label says which version runs.",
		ConstLabels: prometheus.Labels{"version": version},
	})
	info.Set(1)
	m.registry.MustRegister(m.requests, m.took, m.batch, m.commit, m.waiting, m.stale, m.turns, m.unknown, info,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// series are the metrics of one kind of request.
type series struct {
	requests prometheus.Counter
	took     prometheus.Observer
}

// Request counts an answered request.
func (m *Metrics) Request(d httpd.Done) {
	kind := d
	kind.Took = 0
	s, found := m.counted.Load(kind)
	if !found {
		s, _ = m.counted.LoadOrStore(kind, &series{
			requests: m.requests.WithLabelValues(d.Dialect, d.Endpoint, d.Outcome, strconv.Itoa(d.Status)),
			took:     m.took.WithLabelValues(d.Dialect, d.Endpoint),
		})
	}
	of := s.(*series)
	of.requests.Inc()
	of.took.Observe(d.Took.Seconds())
}

// Engine returns the hooks that count what an engine does.
func (m *Metrics) Engine() engine.Observe {
	return engine.Observe{
		Batch: func(commands, waiting int) {
			m.batch.Observe(float64(commands))
			m.waiting.Set(float64(waiting))
		},
		Commit:  func(took time.Duration) { m.commit.Observe(took.Seconds()) },
		Stale:   m.stale.Inc,
		Turn:    m.turns.Inc,
		Unknown: m.unknown.Inc,
	}
}

// Follower returns the hooks that count what a follower of the journal does. It must be called once for each name.
func (m *Metrics) Follower(name string) follow.Observe {
	behind := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "tongka_follower_behind_entries", Help: "Entries that a follower had not taken yet at its latest look.",
		ConstLabels: prometheus.Labels{"follower": name},
	})
	failed := prometheus.NewCounter(prometheus.CounterOpts{
		Name: "tongka_follower_failures_total", Help: "Times a follower of the journal failed, and will try again.",
		ConstLabels: prometheus.Labels{"follower": name},
	})
	m.registry.MustRegister(behind, failed)
	return follow.Observe{Behind: func(entries int64) { behind.Set(float64(entries)) }, Failed: failed.Inc}
}

// Webhooks returns the hooks that count what is sent to webhooks.
func (m *Metrics) Webhooks() hook.Observe {
	tries := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "tongka_webhook_tries_total", Help: "Tries to deliver an entry to a webhook, by whether it was taken.",
	}, []string{"delivered"})
	paused := prometheus.NewCounter(prometheus.CounterOpts{
		Name: "tongka_webhooks_paused_total", Help: "Times a webhook was paused after it had failed for days.",
	})
	m.registry.MustRegister(tries, paused)
	taken, failed := tries.WithLabelValues("yes"), tries.WithLabelValues("no")
	return hook.Observe{
		Tried: func(delivered bool) {
			if delivered {
				taken.Inc()
			} else {
				failed.Inc()
			}
		},
		Paused: paused.Inc,
	}
}

// Ready adds a gauge of whether the server is ready. ask is called at every scrape, because no counter shows some of
// the reasons, such as a clock in doubt.
func (m *Metrics) Ready(ask func() bool) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "tongka_ready", Help: "1 while /readyz says yes, else 0.",
	}, func() float64 {
		if ask() {
			return 1
		}
		return 0
	}))
}

// BackedUp adds a gauge of when the newest copy of the database was made. ask is called at every scrape; it returns the
// zero time if there is none.
func (m *Metrics) BackedUp(ask func() time.Time) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "tongka_backup_timestamp_seconds",
		Help: "When the newest copy in backup-dir was made, in seconds since 1970; 0 if there is none.",
	}, func() float64 { return float64(max(0, ask().Unix())) }))
}

// CertificateExpires adds a gauge of when the served certificate expires. ask is called at every scrape, so that a
// renewal shows, or that it failed, also while nobody connects.
func (m *Metrics) CertificateExpires(ask func() time.Time) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "tongka_tls_certificate_expiry_timestamp_seconds",
		Help: "When the certificate that is served expires, in seconds since 1970.",
	}, func() float64 { return float64(ask().Unix()) }))
}

// Handler serves the metrics in Prometheus' text format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
