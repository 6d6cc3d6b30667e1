#!/bin/sh
# Holds the formats for programs against the programs that read them: SARIF against
# Microsoft's validator, with the rules of GitHub code scanning, and rdjson against
# the types of reviewdog: sh outputs.sh path/to/lockfix
set -eu
lockfix=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
for tool in npm go; do
	if ! command -v $tool >/dev/null; then
		echo "e2e: $tool is missing: install it (apt-get install $tool, brew install $tool)" >&2
		exit 1
	fi
done
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
export LOCKFIX_CACHE="$work/cache" DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1

# The versions are fixed, so that a new rule of theirs is no failure of today's.
npm install --silent --no-audit --no-fund --prefix "$work/npm" @microsoft/sarif-multitool@5.7.0
validator=$(ls "$work"/npm/node_modules/@microsoft/sarif-multitool-*/Sarif.Multitool)
chmod u+x "$validator"

# validate FILE: no errors and no warnings. Its exit status does not tell.
validate() {
	"$validator" validate "$1" --rule-kind "Sarif;Ghas" >"$work/log" 2>&1 || { cat "$work/log" >&2; return 1; }
	grep -q '^Analysis completed successfully' "$work/log" || { cat "$work/log" >&2; return 1; }
	! grep -E ': (error|warning) ' "$work/log" >&2
}

# report NAME FORMAT STATUS DIR ARGUMENTS...: what lockfix writes there.
report() {
	out=$work/$1 format=$2 want=$3 dir=$4
	shift 4
	status=0
	"$lockfix" -q -C "$dir" -f "$format" -o "$out" "$@" 2>"$work/stderr" || status=$?
	if [ "$status" -ne "$want" ]; then
		echo "e2e: lockfix -f $format in $dir: status $status, want $want" >&2
		cat "$work/stderr" >&2
		exit 1
	fi
}

cp -r "$here/outputs" "$work/outputs"
cp -r "$here/../../../../testdata/demo" "$work/demo"
report findings.sarif sarif 1 "$work/outputs" ./wide ./both
report problems.sarif sarif 2 "$work/outputs" ./...
report findings.rdjson rdjson 1 "$work/outputs" ./wide ./both
report demo.sarif sarif 1 "$work/demo" ./...
report demo.rdjson rdjson 1 "$work/demo" ./...
report problems.rdjson rdjson 2 "$work/outputs" ./...
for file in "$work/outputs/wide/a b#1.go" "$work/outputs/both/both.go"; do
	sed 's/$/\r/' "$file" >"$work/crlf" && cp "$work/crlf" "$file"
done
report crlf.sarif sarif 1 "$work/outputs" ./wide ./both
report crlf.rdjson rdjson 1 "$work/outputs" ./wide ./both
GITHUB_WORKSPACE=$work report workspace.sarif sarif 1 "$work/demo" ./...
report fixed.sarif sarif 1 "$work/outputs" -w ./wide ./both
report clean.sarif sarif 0 "$work/demo" -w ./...
report clean.rdjson rdjson 0 "$work/demo" ./...

# What must be there for the validator to look at.
for part in '"id": "waiter"' '"fixes"' '"deletedRegion"' '"%SRCROOT%"' 'a%20b%231.go'; do
	grep -q "$part" "$work/findings.sarif" || { echo "e2e: no $part in the report" >&2; exit 1; }
done
for file in "$work"/*.sarif; do
	validate "$file" || { echo "e2e: $(basename "$file") is not what code scanning takes" >&2; exit 1; }
done

# The validator does look: it refuses a result without its line.
grep -v '"startLine"' "$work/findings.sarif" >"$work/damaged"
mv "$work/damaged" "$work/damaged.sarif"
if validate "$work/damaged.sarif" 2>/dev/null; then
	echo "e2e: the validator takes anything" >&2
	exit 1
fi
echo "e2e: sarif-multitool takes $(ls "$work"/*.sarif | grep -vc damaged) files: passed"

mkdir "$work/reader"
cp "$here/reader.txt" "$work/reader/main.go"
cd "$work/reader"
printf 'module example.com/reader\n\ngo 1.26\n\nrequire (\n\tgithub.com/reviewdog/reviewdog v0.21.3\n\tgoogle.golang.org/protobuf v1.36.12\n)\n' >go.mod
go run -mod=mod . "$work"/*.rdjson
