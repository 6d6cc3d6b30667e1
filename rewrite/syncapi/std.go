package syncapi

// std holds the packages that compute: what they read and write is in memory.
var std = table{
	"": {{"error.Error", plain}},

	// Values and text.
	"cmp": {{"*", pure}},
	"errors": {
		{"*", plain},
	},
	"fmt": {
		{"*", plain}, // user String methods and the writers of Fprint: see the package comment
		{"Stringer.String GoStringer.GoString State.* ScanState.*", plain},
		{"Scan Scanf Scanln", file("reads standard input")},
		{"Fscan Fscanf Fscanln", file(aReader)},
	},
	"math/...": {
		{"*", pure},
	},
	"math/big": {
		{"*", plain},
	},
	"math/rand": {
		{"*", plain},
		{"Source.* Source64.*", plain},
	},
	"math/rand/v2": {
		{"*", plain},
		{"Source.*", plain},
	},
	"path":        {{"*", pure}},
	"strconv":     {{"*", pure}},
	"strings":     {{"*", pure}, {"Builder.* Reader.* Replacer.*", plain}, {"FieldsFuncSeq", starts(1)}, {"Reader.WriteTo Replacer.WriteString", file(aWriter)}},
	"bytes":       {{"*", plain}, {"FieldsFuncSeq", starts(1)}, {"Buffer.ReadFrom", file(aReader)}, {"Buffer.WriteTo Reader.WriteTo", file(aWriter)}},
	"unicode/...": {{"*", pure}},
	"unique":      {{"*", plain}},
	"unsafe":      {{"*", pure}},
	"regexp":      {{"*", plain}},
	"regexp/...":  {{"*", plain}},
	"structs":     {{"*", plain}},
	"weak":        {{"*", plain}},

	// Collections. Func arguments are comparators and the like: all run before
	// the call returns, as those of a "*" row do unless said otherwise.
	"container/...":  {{"*", plain}},
	"container/heap": {{"*", plain}, {"Interface.*", plain}},
	"maps":           {{"*", plain}},
	"slices":         {{"*", plain}},
	"sort":           {{"*", plain}, {"Interface.*", plain}},

	// Encodings. An Encoder or Decoder of a stream waits for the stream.
	"encoding": {
		{"*", plain},
		{"TextMarshaler.* TextUnmarshaler.* TextAppender.* BinaryMarshaler.* BinaryUnmarshaler.* BinaryAppender.*", plain},
	},
	"encoding/asn1":   {{"*", plain}},
	"encoding/base32": {{"*", plain}},
	"encoding/base64": {{"*", plain}},
	"encoding/binary": {
		{"*", plain},
		{"ByteOrder.* AppendByteOrder.*", pure},
		{"Read ReadUvarint ReadVarint", file(aReader)},
		{"Write", file(aWriter)},
	},
	"encoding/csv": {
		{"*", plain},
		{"Reader.Read Reader.ReadAll", file(aReader)},
		{"Writer.Write Writer.WriteAll Writer.Flush", file(aWriter)},
	},
	"encoding/gob": {
		{"*", plain},
		{"GobEncoder.* GobDecoder.*", plain},
		{"Decoder.Decode Decoder.DecodeValue", file(aReader)},
		{"Encoder.Encode Encoder.EncodeValue", file(aWriter)},
	},
	"encoding/hex": {{"*", plain}},
	"encoding/json": {
		{"*", plain},
		{"Marshaler.* Unmarshaler.*", plain},
		{"Decoder.Decode Decoder.Token Decoder.More", file(aReader)},
		{"Encoder.Encode", file(aWriter)},
	},
	"encoding/pem": {{"*", plain}, {"Encode", file(aWriter)}},
	"encoding/xml": {
		{"*", plain},
		{"Marshaler.* MarshalerAttr.* Unmarshaler.* UnmarshalerAttr.*", plain},
		{"Decoder.Decode Decoder.DecodeElement Decoder.Token Decoder.RawToken Decoder.Skip", file(aReader)},
		{"Encoder.Encode Encoder.EncodeElement Encoder.EncodeToken Encoder.Flush Encoder.Close", file(aWriter)},
	},

	// Hashes and cryptography. crypto/rand reads a generator that does not block
	// once the system is up.
	"hash/...": {{"*", plain}},
	"hash": {
		{"*", plain},
		{"Hash.* Hash32.* Hash64.* Cloner.* XOF.*", plain},
	},
	"hash/maphash":  {{"*", plain}},
	"crypto/...":    {{"*", plain}},
	"crypto":        {{"*", plain}, {"Signer.* MessageSigner.* Decrypter.* SignerOpts.* Encapsulator.* Decapsulator.*", plain}, {"RegisterHash", starts(1)}},
	"crypto/cipher": {{"*", plain}, {"AEAD.* Block.* BlockMode.* Stream.*", plain}, {"StreamReader.Read", file(aReader)}, {"StreamWriter.Write", file(aWriter)}},
	"crypto/x509":   {{"*", plain}, {"SystemCertPool", file("reads certificates")}, {"CertPool.AddCertWithConstraint", starts(1)}},

	// Types at run time, and what Go tools compute.
	"reflect": {
		{"*", plain},
		{"Type.*", plain},
		{"Value.Call Value.CallSlice", foreign},
		{"Value.Send", waits("waits for a receiver")},
		{"Value.Recv", waits("waits for a sender")},
		{"Value.Close", wake},
		{"Select", waits("waits for a case")},
		{"MakeFunc", starts(1)},
	},
	"go/ast":      {{"*", plain}, {"Node.* Expr.* Stmt.* Decl.* Spec.*", plain}},
	"go/constant": {{"*", plain}, {"Value.*", plain}},
	"go/parser":   {{"*", plain}, {"ParseFile ParseDir", file("reads files")}},
	"go/printer":  {{"*", plain}, {"Fprint Config.Fprint", file(aWriter)}},
	"go/types":    {{"*", plain}, {"Type.* Object.*", plain}},
	"go/version":  {{"*", pure}},
	"go/format":   {{"*", plain}, {"Node", file(aWriter)}},
	"go/scanner":  {{"*", plain}, {"Scanner.Init", starts(2)}},
	"go/token":    {{"*", plain}},

	// Names and addresses.
	"net/netip": {{"*", plain}},
	"net/url":   {{"*", plain}},
	"net/mail":  {{"*", plain}, {"ReadMessage", file(aReader)}},
	"mime":      {{"*", plain}},

	// Templates run methods and functions of their data.
	"text/template":       {{"*", plain}, {"Template.Execute Template.ExecuteTemplate", foreign}, {"ParseFiles ParseGlob ParseFS Template.ParseFiles Template.ParseGlob Template.ParseFS", file("reads files")}},
	"text/template/parse": {{"*", plain}, {"Node.*", plain}},
	"text/tabwriter":      {{"*", plain}, {"Writer.Flush", file(aWriter)}},
	"text/scanner":        {{"*", plain}},
	"html":                {{"*", plain}},
	"html/template":       {{"*", plain}, {"Template.Execute Template.ExecuteTemplate", foreign}, {"ParseFiles ParseGlob ParseFS Template.ParseFiles Template.ParseGlob Template.ParseFS", file("reads files")}},

	// Logging goes to a terminal or a file that takes it: nobody calls it I/O.
	"log": {
		{"*", plain},
		{"Fatal Fatalf Fatalln Panic Panicf Panicln", exits},
		{"Logger.Fatal Logger.Fatalf Logger.Fatalln Logger.Panic Logger.Panicf Logger.Panicln", exits},
	},
	"log/slog": {
		{"*", plain},
		{"Handler.* LogValuer.* Leveler.*", plain},
	},
	"expvar": {{"*", plain}, {"Var.String", plain}, {"Publish", plain}},
	"flag":   {{"*", plain}, {"Value.* Getter.*", plain}, {"Func BoolFunc FlagSet.Func FlagSet.BoolFunc", starts(2)}},
	"embed":  {{"*", plain}}, // its files are in memory

	"runtime/cgo":     {{"*", plain}},
	"runtime/pprof":   {{"*", plain}, {"Do", calls(2)}, {"Profile.WriteTo WriteHeapProfile", file(aWriter)}, {"StopCPUProfile", waits("waits for the profile's writer")}},
	"runtime/metrics": {{"*", plain}},
	"runtime/trace":   {{"*", plain}, {"WithRegion", calls(2)}, {"Stop", waits("waits for the trace's reader")}},
}
