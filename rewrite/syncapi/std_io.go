package syncapi

// What std waits for outside, as messages say it.
const (
	aFile   = "waits for the file system"
	aReader = "reads from the reader"
	aWriter = "writes to the writer"
	aProc   = "waits for the process"
	aPeer   = "waits for the network"
	aName   = "waits for the name server"
	aDB     = "waits for the database"
)

// stdIO holds the packages that wait for the outside: files, processes, other
// machines.
var stdIO = table{
	"io": {
		{"*", plain},
		{"Reader.Read ReaderAt.ReadAt WriterTo.WriteTo ByteReader.ReadByte RuneReader.ReadRune", file(aReader)},
		{"Writer.Write WriterAt.WriteAt ReaderFrom.ReadFrom StringWriter.WriteString ByteWriter.WriteByte", file(aWriter)},
		{"Closer.Close", plain}, // see LookupOn
		{"ByteScanner.UnreadByte RuneScanner.UnreadRune Seeker.Seek", plain},
		{"ReadAll ReadFull ReadAtLeast LimitedReader.Read SectionReader.Read SectionReader.ReadAt", file(aReader)},
		{"WriteString Copy CopyN CopyBuffer OffsetWriter.Write OffsetWriter.WriteAt", file(aWriter)},
		{"PipeReader.Read", waits("waits for the pipe's writer")},
		{"PipeWriter.Write", waits("waits for the pipe's reader")},
		{"PipeReader.Close PipeReader.CloseWithError PipeWriter.Close PipeWriter.CloseWithError", wake},
	},
	"io/ioutil": {
		{"*", plain},
		{"ReadAll", file(aReader)},
		{"ReadDir ReadFile TempDir TempFile WriteFile", file(aFile)},
	},
	"io/fs": {
		{"*", plain},
		{"FileInfo.* DirEntry.* SubFS.Sub", plain},
		{"DirEntry.Info", file(aFile)},
		{"FS.Open ReadFileFS.ReadFile ReadDirFS.ReadDir StatFS.Stat GlobFS.Glob File.Stat File.Read ReadDirFile.ReadDir ReadLinkFS.Lstat ReadLinkFS.ReadLink", file(aFile)},
		{"ReadFile ReadDir Stat Glob", file(aFile)},
		{"WalkDir", file(aFile).sync(2)},
	},
	"bufio": {
		{"*", plain},
		{"Reader.Read Reader.ReadByte Reader.ReadBytes Reader.ReadLine Reader.ReadRune Reader.ReadSlice Reader.ReadString", file(aReader)},
		{"Reader.Peek Reader.Discard Reader.WriteTo Scanner.Scan", file(aReader)},
		{"Writer.Write Writer.WriteByte Writer.WriteRune Writer.WriteString Writer.ReadFrom Writer.Flush", file(aWriter)},
		{"Scanner.Split", starts(0)},
	},

	"compress/bzip2": {{"*", plain}},
	"compress/flate": {{"*", plain}, {"Writer.Write Writer.Flush Writer.Close", file(aWriter)}},
	"compress/gzip": {
		{"*", plain},
		{"NewReader Reader.Reset Reader.Read", file(aReader)},
		{"Writer.Write Writer.Flush Writer.Close", file(aWriter)},
	},
	"compress/zlib": {
		{"*", plain},
		{"NewReader NewReaderDict", file(aReader)},
		{"Writer.Write Writer.Flush Writer.Close", file(aWriter)},
	},
	"archive/tar": {
		{"*", plain},
		{"Reader.Next Reader.Read", file(aReader)},
		{"Writer.Write Writer.WriteHeader Writer.AddFS Writer.Flush Writer.Close", file(aWriter)},
	},
	"mime/quotedprintable": {
		{"*", plain},
		{"Reader.Read", file(aReader)},
		{"Writer.Write Writer.Close", file(aWriter)},
	},
	"mime/multipart": {
		{"*", plain},
		{"Reader.NextPart Reader.NextRawPart Reader.ReadForm Part.Read", file(aReader)},
		{"Writer.CreatePart Writer.CreateFormFile Writer.CreateFormField Writer.WriteField Writer.Close", file(aWriter)},
		{"FileHeader.Open Form.RemoveAll", file(aFile)},
	},
	"image/...": {{"*", plain}},
	"image":     {{"*", plain}, {"Decode DecodeConfig", file(aReader)}, {"Image.* PalettedImage.* RGBA64Image.*", plain}},
	"image/png": {{"*", plain}, {"Decode DecodeConfig", file(aReader)}, {"Encode Encoder.Encode", file(aWriter)}},
	"plugin":    {{"*", plain}, {"Open", file(aFile)}},

	// Files. Closing one does not wait in practice: see the package comment.
	"os": {
		{"*", plain},
		{"Signal.*", plain},
		{"Exit", exits},
		{"Open OpenFile OpenInRoot OpenRoot Create CreateTemp ReadFile WriteFile ReadDir Stat Lstat Readlink", file(aFile)},
		{"Mkdir MkdirAll MkdirTemp Remove RemoveAll Rename Link Symlink Truncate Chmod Chown Lchown Chtimes CopyFS", file(aFile)},
		{"File.Read File.ReadAt File.ReadFrom File.ReadDir File.Readdir File.Readdirnames File.Stat", file(aFile)},
		{"File.Write File.WriteAt File.WriteString File.WriteTo File.Sync File.Truncate File.Chmod File.Chown", file(aFile)},
		{"Root.Open Root.OpenFile Root.OpenRoot Root.Create Root.Mkdir Root.MkdirAll Root.Remove Root.RemoveAll Root.Rename", file(aFile)},
		{"Root.ReadFile Root.WriteFile Root.Stat Root.Lstat Root.Readlink Root.Link Root.Symlink Root.Chmod Root.Chown Root.Lchown Root.Chtimes", file(aFile)},
		{"StartProcess", file("starts a process")},
		{"Process.Wait", process(aProc)},
	},
	"os/exec": {
		{"*", plain},
		{"Cmd.Run Cmd.Wait Cmd.Output Cmd.CombinedOutput", process(aProc)},
		{"Cmd.Start", file("starts a process")},
		{"LookPath", file(aFile)},
	},
	"os/user": {{"*", file("reads the user database")}, {"User.GroupIds", file("reads the user database")}},
	"path/filepath": {
		{"*", pure},
		{"Abs", plain}, // asks for the working directory
		{"EvalSymlinks Glob", file(aFile)},
		{"Walk WalkDir", file(aFile).sync(1)},
	},
	"syscall": {
		{"*", plain},
		{"Read Write Pread Pwrite Open Fsync Connect Sendto Recvfrom Rename Unlink Mkdir Rmdir", file("waits in the kernel")},
		{"Accept Accept4 Flock Select EpollWait Wait4 Recvmsg Sendmsg Sendfile Nanosleep Pause", file("waits in the kernel")},
		{"Conn.SyscallConn", plain},
		{"RawConn.Control", calls(0)},
		{"RawConn.Read RawConn.Write", network(aPeer).sync(0)},
		{"Exit Exec", exits},
	},

	// Networks.
	"net": {
		{"*", plain},
		{"Addr.* Error.*", plain},
		{"Dial DialIP DialTCP DialUDP DialUnix Dialer.Dial Dialer.DialContext", network(aPeer)},
		{"Dialer.DialTCP Dialer.DialUDP Dialer.DialIP Dialer.DialUnix", network(aPeer)},
		{"DialTimeout", network(aPeer).bounded()},
		{"Listen ListenPacket ListenTCP ListenUDP ListenIP ListenUnix ListenUnixgram ListenMulticastUDP", file("binds an address")},
		{"ListenConfig.Listen ListenConfig.ListenPacket", file("binds an address")},
		{"ResolveTCPAddr ResolveUDPAddr ResolveIPAddr", network(aName)}, // ResolveUnixAddr asks nobody
		{"LookupAddr LookupCNAME LookupHost LookupIP LookupMX LookupNS LookupSRV LookupTXT", network(aName)},
		{"LookupPort", file("reads the list of services")},
		{"Resolver.*", network(aName)},
		{"Conn.Read PacketConn.ReadFrom conn.Read", network(aPeer)},
		{"Conn.Write PacketConn.WriteTo conn.Write Buffers.WriteTo Buffers.Read", network(aPeer)},
		{"Conn.Close Conn.LocalAddr Conn.RemoteAddr Conn.SetDeadline Conn.SetReadDeadline Conn.SetWriteDeadline", plain},
		{"PacketConn.Close PacketConn.LocalAddr PacketConn.SetDeadline PacketConn.SetReadDeadline PacketConn.SetWriteDeadline", plain},
		{"Listener.Accept TCPListener.Accept TCPListener.AcceptTCP UnixListener.Accept UnixListener.AcceptUnix", network("waits for a connection")},
		{"Listener.Close Listener.Addr", plain},
		{"TCPConn.ReadFrom TCPConn.WriteTo", network(aPeer)},
		{"UDPConn.ReadFrom UDPConn.ReadFromUDP UDPConn.ReadFromUDPAddrPort UDPConn.ReadMsgUDP UDPConn.ReadMsgUDPAddrPort", network(aPeer)},
		{"UDPConn.WriteTo UDPConn.WriteToUDP UDPConn.WriteToUDPAddrPort UDPConn.WriteMsgUDP UDPConn.WriteMsgUDPAddrPort", network(aPeer)},
		{"UnixConn.ReadFrom UnixConn.ReadFromUnix UnixConn.ReadMsgUnix UnixConn.WriteTo UnixConn.WriteToUnix UnixConn.WriteMsgUnix", network(aPeer)},
		{"IPConn.ReadFrom IPConn.ReadFromIP IPConn.ReadMsgIP IPConn.WriteTo IPConn.WriteToIP IPConn.WriteMsgIP", network(aPeer)},
	},
	"crypto/tls": {
		{"*", plain},
		{"Dial DialWithDialer Dialer.Dial Dialer.DialContext Conn.Read Conn.Write Conn.Handshake Conn.HandshakeContext Conn.CloseWrite", network(aPeer)},
		{"Conn.Close", network(aPeer).bounded()}, // sends an alert, for five seconds at most
		{"Listen", file("binds an address")},
		{"LoadX509KeyPair", file(aFile)},
		{"ClientSessionCache.*", plain},
	},
	"net/http": {
		{"*", plain},
		{"Get Head Post PostForm Client.Do Client.Get Client.Head Client.Post Client.PostForm", network(aPeer)},
		{"Transport.RoundTrip RoundTripper.RoundTrip", network(aPeer)},
		{"ListenAndServe ListenAndServeTLS Serve ServeTLS", network("serves until it is stopped")},
		{"Server.ListenAndServe Server.ListenAndServeTLS Server.Serve Server.ServeTLS", network("serves until it is stopped")},
		{"Server.Shutdown", waits("waits for the requests in flight")},
		{"Server.RegisterOnShutdown ClientConn.SetStateHook", starts(0)},
		{"HandleFunc ServeMux.HandleFunc", starts(1)},
		{"HandlerFunc.ServeHTTP ServeMux.ServeHTTP Handler.ServeHTTP", foreign},
		{"ResponseWriter.Header ResponseWriter.WriteHeader CookieJar.* CloseNotifier.*", plain},
		{"ClientConn.RoundTrip", network(aPeer)},
		{"ResponseWriter.Write Flusher.Flush ResponseController.Flush Pusher.Push Hijacker.Hijack ResponseController.Hijack", file("writes to the client")},
		{"Error NotFound Redirect", plain}, // a few words, which the response buffers
		{"ServeContent ServeFile ServeFileFS", network(aPeer)},
		{"ReadRequest ReadResponse Request.Write Request.WriteProxy Response.Write Header.Write Header.WriteSubset", network(aPeer)},
		{"Request.ParseForm Request.ParseMultipartForm Request.FormValue Request.PostFormValue Request.FormFile", network(aPeer)},
		{"File.Readdir File.Stat FileSystem.Open Dir.Open", file(aFile)},
	},
	"net/http/cookiejar": {{"*", plain}, {"PublicSuffixList.*", plain}},
	"net/http/httputil": {
		{"*", plain},
		{"DumpRequest DumpRequestOut DumpResponse ReverseProxy.ServeHTTP", network(aPeer)},
	},
	"net/http/httptest":  {{"*", plain}, {"Server.Close", waits("waits for the requests in flight")}},
	"net/http/httptrace": {{"*", plain}},
	"net/http/pprof":     {{"*", network(aPeer)}},
	"net/rpc": {
		{"Call.*", plain},
		{"Client.Call Client.Go", network(aPeer)},
		{"Dial DialHTTP DialHTTPPath", network(aPeer)},
	},
	"net/smtp": {
		{"*", plain},
		{"SendMail Dial NewClient Client.*", network(aPeer)},
	},
	"net/textproto": {{"*", plain}, {"Dial Conn.Cmd Reader.* Writer.*", network(aPeer)}},

	"database/sql/driver": {{"*", plain}},
	"database/sql": {
		{"*", plain},
		{"Scanner.* Result.*", plain},
		{"DB.Begin DB.BeginTx DB.Conn DB.Exec DB.ExecContext DB.Ping DB.PingContext DB.Prepare DB.PrepareContext", network(aDB)},
		{"DB.Query DB.QueryContext DB.QueryRow DB.QueryRowContext", network(aDB)},
		{"Conn.BeginTx Conn.ExecContext Conn.PingContext Conn.PrepareContext Conn.QueryContext Conn.QueryRowContext", network(aDB)},
		{"Conn.Raw", network(aDB).sync(0)},
		{"Tx.Commit Tx.Rollback Tx.Exec Tx.ExecContext Tx.Prepare Tx.PrepareContext Tx.Query Tx.QueryContext Tx.QueryRow Tx.QueryRowContext", network(aDB)},
		{"Stmt.Exec Stmt.ExecContext Stmt.Query Stmt.QueryContext Stmt.QueryRow Stmt.QueryRowContext", network(aDB)},
		{"Rows.Next Rows.NextResultSet Row.Scan", network(aDB)},
		{"DB.Close", network(aDB)},
	},
}
