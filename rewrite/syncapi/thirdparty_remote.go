package syncapi

// remote holds modules that wait for files, processes, databases and other
// machines. Where a package has no "*" row, the rest of it is left to
// inference.
var remote = table{
	"google.golang.org/grpc": {
		{"*", plain}, // Dial returns before it is connected, but for WithBlock
		{"ClientConn.Invoke ClientConn.NewStream ClientConnInterface.Invoke ClientConnInterface.NewStream Invoke NewClientStream", network(aPeer)},
		{"ClientConn.WaitForStateChange", waits("waits for the connection's state")},
		{"ClientConn.Close", waits("waits for the goroutines of the connection")},
		{"Server.Serve Server.ServeHTTP", network("serves until it is stopped")},
		{"Server.Stop Server.GracefulStop", waits("waits for the calls in flight")},
		{"*.SendMsg *.RecvMsg *.Send *.Recv *.SendAndClose *.CloseAndRecv *.SendHeader ClientStream.Header", network(aPeer)},
		{"SendHeader", network(aPeer)},
		{"ClientStream.* ServerStream.* Stream.* ServerTransportStream.* ServiceRegistrar.*", plain},
		{"DialOption.* CallOption.* ServerOption.*", plain},
	},
	"connectrpc.com/connect": {
		{"Client.CallUnary Client.CallServerStream", network(aPeer)},
		{"*.Send *.Receive *.CloseAndReceive", network(aPeer)},
	},

	// Sockets.
	"github.com/gorilla/websocket": {
		{"*", plain},
		{"Conn.ReadMessage Conn.NextReader Conn.ReadJSON ReadJSON", network(aPeer)},
		{"Conn.WriteMessage Conn.WriteJSON Conn.WritePreparedMessage WriteJSON", network(aPeer)},
		{"Conn.WriteControl", network(aPeer).bounded()},
		{"Conn.NextWriter Dialer.Dial Dialer.DialContext Upgrader.Upgrade", network(aPeer)},
		{"Conn.SetCloseHandler Conn.SetPingHandler Conn.SetPongHandler", starts(0)},
	},
	"github.com/coder/websocket": coderWebsocket,
	"nhooyr.io/websocket":        coderWebsocket,
	"github.com/quic-go/quic-go": {
		{"*", plain},
		{"*.AcceptStream *.AcceptUniStream *.OpenStreamSync *.OpenUniStreamSync *.ReceiveDatagram *.SendDatagram *.Accept", network(aPeer)},
		{"*.Read *.Write DialAddr DialAddrEarly Dial DialEarly Transport.Dial Transport.DialEarly", network(aPeer)},
		{"*.CloseWithError", waits("waits for the connection's loop to end")},
		{"Transport.Close", waits("waits for the connections")},
	},
	"github.com/hashicorp/yamux": {
		{"*", plain},
		{"Session.Open Session.OpenStream Session.Accept Session.AcceptStream Session.AcceptStreamWithContext Session.Ping", network(aPeer)},
		{"Stream.Read Stream.Write Stream.Close", network(aPeer)},
		{"Session.Close", waits("waits for the session's loops")},
	},
	"github.com/miekg/dns": {
		{"*", plain},
		{"RR.* EDNS0.*", plain},
		{"Exchange ExchangeContext ExchangeConn Client.Exchange Client.ExchangeContext Client.ExchangeWithConn Client.ExchangeWithConnContext", network(aName)},
		{"Client.Dial Client.DialContext Dial DialTimeout DialWithTLS DialTimeoutWithTLS Conn.Read Conn.ReadMsg Conn.ReadMsgHeader Conn.Write Conn.WriteMsg", network(aPeer)},
		{"ResponseWriter.WriteMsg ResponseWriter.Write", network(aPeer)},
		{"Server.ListenAndServe Server.ActivateAndServe ListenAndServe ListenAndServeTLS ActivateAndServe", network("serves until it is stopped")},
		{"Server.Shutdown Server.ShutdownContext", waits("waits for the queries in flight")},
		{"HandleFunc ServeMux.HandleFunc", starts(1)},
	},
	"golang.org/x/crypto/ssh": {
		{"*", plain},
		{"Dial NewClientConn NewServerConn Client.Dial Client.DialContext Client.NewSession Client.Listen", network(aPeer)},
		{"*.SendRequest *.OpenChannel *.Wait", network(aPeer)},
		{"Session.Run Session.Output Session.CombinedOutput Session.Start Session.Shell Session.RequestPty Session.Setenv Session.Signal", network(aPeer)},
	},
	"golang.org/x/oauth2": {
		{"*", plain},
		{"TokenSource.Token Config.Exchange Config.PasswordCredentialsToken", network("asks for a token")},
	},
	"github.com/libp2p/go-msgio/...": {
		{"*", plain},
		{"*.ReadMsg *.NextMsgLen *.Read", network(aPeer)},
		{"*.WriteMsg *.Write", network(aPeer)},
	},
	"github.com/libp2p/go-libp2p/core/event": {
		{"Emitter.Emit", waits("waits for room in the subscribers' queues")},
		{"Bus.*", plain},
	},
	"github.com/libp2p/go-reuseport": {{"*", plain}, {"Dial DialTimeout", network(aPeer)}, {"Listen ListenPacket", file("binds an address")}},
	"github.com/multiformats/go-multiaddr/net": {
		{"*", plain},
		{"*.*", plain},
		{"Dial Dialer.Dial Dialer.DialContext", network(aPeer)},
		{"Listen ListenPacket", file("binds an address")},
		{"Listener.Accept", network("waits for a connection")},
	},
	"github.com/multiformats/go-multiaddr-dns": {{"*", plain}, {"*.Resolve *.LookupIPAddr *.LookupTXT Resolve", network(aName)}},

	// Clusters.
	"github.com/hashicorp/memberlist": {
		{"*", plain},
		{"Create Memberlist.Join Memberlist.Ping", network(aPeer)},
		{"Memberlist.Leave Memberlist.UpdateNode", network("waits for the cluster").bounded()},
		{"Memberlist.Shutdown", waits("waits for the transport's goroutines")},
		{"Memberlist.SendToTCP Memberlist.SendReliable", network(aPeer)},
		{"Memberlist.SendTo Memberlist.SendToAddress Memberlist.SendToUDP Memberlist.SendBestEffort", file("sends a datagram")},
	},
	"github.com/hashicorp/serf/client": {{"RPCClient.*", network(aPeer)}},
	"github.com/hashicorp/raft": {
		{"*.Error", waits("waits for the future")},
		{"*.Response *.Index", plain},
		{"Raft.Apply Raft.ApplyLog Raft.Barrier Raft.VerifyLeader", waits("waits for the leader's loop").bounded()},
		{"Raft.State Raft.Leader Raft.LeaderWithID Raft.Stats Raft.LastIndex Raft.AppliedIndex Raft.LastContact Raft.LeaderCh", plain},
	},
	"go.etcd.io/raft": {
		{"*", plain},
		{"Storage.*", file("reads the log")},
		{"Node.Tick Node.Ready Node.Status", plain},
		{"Node.*", waits("waits for the node's loop")},
	},
	"go.etcd.io/etcd/client": {
		{"*", plain},
		{"KV.* Lease.* Cluster.* Maintenance.* Auth.* Txn.Commit", network(aPeer)},
		{"Watcher.Watch Watcher.RequestProgress", network(aPeer)},
		{"Txn.If Txn.Then Txn.Else", plain},
	},
	"go.etcd.io/etcd/client/concurrency": {
		{"*", plain},
		{"NewSession Session.Close NewSTM", network(aPeer)},
		{"Mutex.Lock Mutex.TryLock Mutex.Unlock Election.Campaign Election.Proclaim Election.Resign Election.Leader", network(aPeer)},
	},
	"k8s.io/client-go/kubernetes/...": {
		{"*.Create *.Update *.UpdateStatus *.Delete *.DeleteCollection *.Get *.List *.Watch *.Patch *.Apply *.ApplyStatus *.Bind *.Evict", network(aPeer)},
		{"*", plain},
		{"*.*", plain},
	},
	"k8s.io/client-go/dynamic": {
		{"*.Create *.Update *.UpdateStatus *.Delete *.DeleteCollection *.Get *.List *.Watch *.Patch *.Apply *.ApplyStatus", network(aPeer)},
	},
	"sigs.k8s.io/controller-runtime/pkg/client": {
		{"*.Create *.Update *.Delete *.DeleteAllOf *.Get *.List *.Watch *.Patch *.Apply", network(aPeer)},
	},
	"k8s.io/client-go/listers/...":  quiet, // read a cache
	"k8s.io/apimachinery/pkg/watch": {{"Interface.ResultChan", plain}, {"Broadcaster.Shutdown", waits("waits for the broadcaster's loop")}, {"Broadcaster.Action", waits("waits for room in the queue")}},

	// Services of clouds. Their clients are generated, and larger than most programs.
	"github.com/aws/aws-sdk-go-v2/service/...": {
		{"*", plain},
		{"Client.*", network(aPeer)},
		{"Client.Options", plain},
		{"*.NextPage *.Wait *.WaitForOutput", network(aPeer)},
	},
	"google.golang.org/api/...": {
		{"*", plain},
		{"*.Do *.Download", network(aPeer)},
		{"*.Pages", network(aPeer).sync(1)},
	},
	"google.golang.org/api/transport/...": {}, // looks for credentials

	// Queues and caches.
	"github.com/nats-io/nats.go": {
		{"Conn.Publish Conn.PublishMsg Conn.PublishRequest", plain}, // fills a buffer
		{"Conn.Request Conn.RequestMsg Conn.RequestWithContext Conn.RequestMsgWithContext Conn.Flush Conn.FlushTimeout Conn.FlushWithContext", network(aPeer)},
		{"Conn.Subscribe", starts(1)},
		{"Conn.QueueSubscribe", starts(2)},
		{"Connect Subscription.NextMsg Subscription.NextMsgWithContext", network(aPeer)},
	},
	"github.com/gomodule/redigo/redis": {
		{"Dial DialContext DialURL DialURLContext Conn.Do Conn.Flush Conn.Receive Pool.Get Pool.GetContext", network(aDB)},
		{"Conn.Send Conn.Err", plain},
	},
	"github.com/bradfitz/gomemcache/memcache": {{"Client.*", network("waits for the cache server")}},

	// Databases in a file. A transaction of bbolt that writes is also a lock.
	"go.etcd.io/bbolt":        bbolt,
	"github.com/boltdb/bolt":  bbolt,
	"github.com/coreos/bbolt": bbolt,
	"github.com/syndtr/goleveldb/leveldb": {
		{"*", plain},
		{"DB.* Transaction.* Open OpenFile Recover RecoverFile", file(aDB)},
	},
	"github.com/cockroachdb/pebble": {
		{"DB.Get DB.Set DB.Delete DB.Apply DB.Flush DB.Close DB.Compact DB.Checkpoint Batch.Commit Open", file(aDB)},
	},
	"github.com/dgraph-io/badger": {
		{"DB.View DB.Update", file(aDB).sync(0)},
		{"DB.Close DB.Sync DB.RunValueLogGC Txn.Commit Txn.Get Open WriteBatch.Flush", file(aDB)},
	},
	"github.com/ipfs/go-datastore": {
		{"*", plain},
		{"Read.Get Read.Has Read.GetSize Read.Query Write.Put Write.Delete Batch.Commit Datastore.Sync", file(aDB)},
	},
	"github.com/ipfs/go-datastore/query": {{"*", plain}, {"Results.Next Results.NextSync Results.Rest Results.Close", file(aDB)}},

	// Files, processes, the kernel.
	"github.com/fsnotify/fsnotify": {{"*", plain}, {"Watcher.Close", waits("waits for the watcher's loop")}},
	"github.com/spf13/afero":       {{"Fs.* File.* ReadFile WriteFile ReadDir Exists DirExists", file(aFile)}, {"Walk", file(aFile).sync(2)}},
	"k8s.io/utils/exec": {
		{"Cmd.Run Cmd.Wait Cmd.Output Cmd.CombinedOutput", process(aProc)},
		{"Cmd.Start", file("starts a process")},
		{"Interface.Command Interface.CommandContext Cmd.*", plain},
	},
	"github.com/moby/sys/mountinfo": {{"*", file(aFile)}},
	"github.com/moby/sys/mount":     {{"*", file(aFile)}},
	"golang.org/x/sys/unix": {
		{"*", plain},
		{"Read Write Pread Pwrite Readv Writev Open Openat Fsync Fdatasync Connect Sendto Recvfrom Sendmsg Recvmsg SendmsgN", file("waits in the kernel")},
		{"Accept Accept4 Flock FcntlFlock Select Pselect Poll Ppoll EpollWait Wait4 Waitid Nanosleep ClockNanosleep Sendfile Splice", file("waits in the kernel")},
		{"Mount Unmount Rename Renameat Renameat2 Unlink Unlinkat Mkdir Mkdirat Rmdir Stat Lstat Fstatat Statfs Sync Syncfs", file("waits in the kernel")},
		{"Exit Exec", exits},
	},
}

var coderWebsocket = []row{
	{"*", plain},
	{"Dial Accept Conn.Read Conn.Write Conn.Reader Conn.Writer Conn.Ping", network(aPeer)},
	{"Conn.Close", network(aPeer).bounded()}, // waits for the peer's answer, ten seconds at most
}

var bbolt = []row{
	{"*", plain},
	{"Open DB.Begin DB.Sync Tx.Commit Tx.CopyFile", file("waits for the database file")},
	{"DB.Update DB.View DB.Batch", file("waits for the database file").sync(0)},
	{"DB.Close", waits("waits for the open transactions")},
	{"Tx.OnCommit", starts(0)},
}
