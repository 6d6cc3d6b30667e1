package syncapi

// observing holds logging, metrics and tracing: plain by the custom of their
// users, who call them with locks held everywhere. The sinks could wait; the
// self-deadlocks that were seen came from arguments whose String method locks,
// and those are seen at the argument.
var observing = table{
	"github.com/xiang90/probing": {{"*", plain}, {"*.*", plain}}, // starts and stops goroutines
	// Logging.
	"go.uber.org/zap/...": {
		{"*", plain},
		{"*.*", plain},
		{"Logger.Fatal Logger.Panic", exits},
		{"SugaredLogger.Fatal SugaredLogger.Fatalf SugaredLogger.Fatalln SugaredLogger.Fatalw", exits},
		{"SugaredLogger.Panic SugaredLogger.Panicf SugaredLogger.Panicln SugaredLogger.Panicw", exits},
	},
	"github.com/sirupsen/logrus/...": {
		{"*", plain},
		{"*.*", plain},
		{"Fatal Fatalf Fatalln FatalFn Panic Panicf Panicln PanicFn Exit", exits},
		{"*.Fatal *.Fatalf *.Fatalln *.FatalFn *.Panic *.Panicf *.Panicln *.PanicFn Logger.Exit", exits},
		{"RegisterExitHandler DeferExitHandler", starts(0)},
	},
	"k8s.io/klog/...": {
		{"*", plain},
		{"*.*", plain},
		{"Fatal Fatalf Fatalln FatalDepth FatalfDepth FatallnDepth Exit Exitf Exitln ExitDepth ExitfDepth ExitlnDepth FlushAndExit", exits},
	},
	"github.com/golang/glog": {
		{"*", plain},
		{"Fatal Fatalf Fatalln FatalDepth FatalDepthf FatalContext FatalContextf Exit Exitf Exitln ExitDepth ExitDepthf", exits},
	},
	"github.com/rs/zerolog/...":                 quiet,
	"github.com/go-logr/...":                    quiet,
	"github.com/hashicorp/go-hclog":             quiet,
	"github.com/go-kit/log/...":                 quiet,
	"github.com/go-kit/kit/log/...":             quiet,
	"github.com/containerd/log":                 quiet,
	"github.com/inconshreveable/log15":          fatal,
	"github.com/op/go-logging":                  fatal,
	"github.com/ipfs/go-log":                    fatal,
	"github.com/charmbracelet/log":              fatal,
	"github.com/pingcap/log":                    fatal,
	"github.com/tendermint/tendermint/libs/log": quiet,
	"github.com/cometbft/cometbft/libs/log":     quiet,
	"github.com/ethereum/go-ethereum/log":       {{"*", plain}, {"*.*", plain}, {"Crit *.Crit", exits}},
	"google.golang.org/grpc/grpclog":            fatal,
	"golang.org/x/exp/slog":                     quiet,
	"github.com/hashicorp/logutils":             quiet,
	"github.com/lmittmann/tint":                 quiet,
	"github.com/prometheus/common/promslog":     quiet,
	"github.com/hashicorp/cli": {
		{"Ui.Output Ui.Info Ui.Error Ui.Warn", plain},
		{"Ui.Ask Ui.AskSecret", file("waits for the user")},
	},

	// Metrics.
	"github.com/prometheus/client_golang/...": {
		{"*", plain},
		{"*.*", plain},
		{"Gatherer.Gather Registry.Gather WriteToTextfile", foreign},
		{"NewGaugeFunc NewCounterFunc NewUntypedFunc", starts(1)},
	},
	"github.com/prometheus/client_golang/prometheus/push": {
		{"*", plain},
		{"Pusher.Push Pusher.PushContext Pusher.Add Pusher.AddContext Pusher.Delete", network(aPeer)},
	},
	"github.com/prometheus/client_golang/api/...": {{"*", plain}, {"*.*", network(aPeer)}},
	"github.com/prometheus/client_model/...":      quiet,
	"github.com/hashicorp/go-metrics/...":         quiet,
	"github.com/armon/go-metrics/...":             quiet,
	"github.com/rcrowley/go-metrics":              {{"*", plain}, {"*.*", plain}, {"*.Each", calls(0)}},
	"github.com/go-kit/kit/metrics/...":           quiet,
	"github.com/docker/go-metrics":                quiet,
	"github.com/uber-go/tally":                    quiet,
	"github.com/VictoriaMetrics/metrics":          {{"*", plain}, {"NewGauge GetOrCreateGauge", starts(1)}, {"Set.NewGauge Set.GetOrCreateGauge", starts(1)}},
	"github.com/DataDog/datadog-go/...":           quiet,
	"github.com/cactus/go-statsd-client/...":      quiet,
	"k8s.io/component-base/metrics/...":           quiet,

	// Tracing.
	"go.opentelemetry.io/otel/...": {
		{"*", plain},
		{"*.*", plain},
		{"*.ForceFlush *.Shutdown *.Export *.ExportSpans", network("flushes to the collector")},
	},
	"go.opencensus.io/...":                 quiet,
	"github.com/opentracing/...":           quiet,
	"github.com/uber/jaeger-client-go/...": quiet,
	"golang.org/x/net/trace":               quiet,
	"go.etcd.io/etcd/pkg/traceutil":        quiet,
	"github.com/getsentry/sentry-go":       {{"*", plain}, {"*.*", plain}, {"Flush Hub.Flush Client.Flush", network("flushes to the server").bounded()}},
}

var quiet = []row{{"*", plain}, {"*.*", plain}}

// fatal is for loggers that also have the functions that end the program.
var fatal = []row{
	{"*", plain},
	{"*.*", plain},
	{"Fatal Fatalf Fatalln Panic Panicf Panicln", exits},
	{"*.Fatal *.Fatalf *.Fatalln *.Panic *.Panicf *.Panicln", exits},
}
