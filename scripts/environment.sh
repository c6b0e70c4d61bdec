# Virtual environments for example_notebooks/open and tests/run, which source this file.

say() { printf '\n== %s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

# The Python that environments are made from: $PYTHON, or the first that is new enough.
find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3 python3.11 python3.12 python3.13; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    fail "jupyter_hpo needs Python 3.11 or newer; set PYTHON to one."
}

# install_debian PACKAGE WHY: by apt where that is allowed, else say what to type.
install_debian() {
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "Installing $1 ($2)"
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" >/dev/null
    else
        fail "$1 is missing ($2). On Debian or Ubuntu: sudo apt install $1"
    fi
}

# make_environment DIR
make_environment() {
    [ -x "$1/bin/pip" ] && return
    local python
    python=$(find_python)
    # Debian splits ensurepip from Python; without it venv leaves half an environment behind
    "$python" -c 'import ensurepip' 2>/dev/null ||
        install_debian "$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')" \
            "makes virtual environments"
    say "Making $1"
    "$python" -m venv --clear "$1"
}

# What decides the content of an environment: its arguments, the declared dependencies, the extension.
fingerprint() {
    {
        printf '%s\n' "$PWD" "$@"
        find pyproject.toml constraints.txt hatch_build.py labextension/*.json labextension/*.mjs \
            labextension/schema labextension/src -type f | LC_ALL=C sort | xargs cat
    } | sha256sum
}

# install DIR CONSTRAINTS EXTRAS [REQUIREMENT...]: this checkout, editable; nothing if nothing changed.
install() {
    local dir=$1 constraints=$2 extras=$3 wanted
    wanted=$(fingerprint "$@" "$(cat "$constraints")")
    [ "$(cat "$dir/.installed" 2>/dev/null)" = "$wanted" ] && return
    rm -f "$dir/.installed"
    # torch on its own and first, so that no other package's wish chooses the build of it
    say "Installing torch into $dir"
    "$dir/bin/pip" install --quiet --disable-pip-version-check -c "$constraints" torch
    say "Installing jupyter_hpo into $dir"
    "$dir/bin/pip" install --quiet --disable-pip-version-check -c "$constraints" \
        -e ".[$extras]" "${@:4}"
    printf '%s\n' "$wanted" >"$dir/.installed"
}
