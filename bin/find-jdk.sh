# shellcheck shell=bash
# Sourced by ./gatehouse and ./verify: finds a JDK and starts none to do so.

JDK_NEEDED=25

# The major version of the JDK that lives in this folder, or nothing: a JDK has a compiler and a
# `release` file that names its version.
jdk_version() {
  local line version
  if [ ! -x "$1/bin/javac" ] || [ ! -r "$1/release" ]; then
    return 0
  fi
  while IFS= read -r line; do
    case $line in
      JAVA_VERSION=\"*)
        version=${line#JAVA_VERSION=\"}
        printf '%s\n' "${version%%[!0-9]*}"
        return 0
        ;;
    esac
  done < "$1/release"
}

# Prints the best home among these folders: the version that the build is made for, else the
# lowest newer one. Fails when there is none.
best_jdk() {
  local home version best='' best_version=0
  for home in "$@"; do
    version=$(jdk_version "$home")
    if [ -n "$version" ] && [ "$version" -ge "$JDK_NEEDED" ]; then
      if [ -z "$best" ] || [ "$version" -lt "$best_version" ]; then
        best=$home
        best_version=$version
      fi
    fi
  done
  [ -n "$best" ] && printf '%s\n' "$best"
}

# Prints the home of a JDK that is new enough: what the user chose (JAVA_HOME, then the PATH)
# before what lies about. Fails when there is none.
find_jdk() {
  local on_path
  if [ -n "${JAVA_HOME:-}" ] && best_jdk "$JAVA_HOME"; then
    return 0
  fi
  if on_path=$(command -v javac) && on_path=$(readlink -f "$on_path" 2>/dev/null); then
    if best_jdk "${on_path%/bin/javac}"; then
      return 0
    fi
  fi
  best_jdk /usr/lib/jvm/* /usr/lib64/jvm/* /usr/java/* /usr/local/lib/jvm/* /opt/* /opt/*/jdk* \
    "${HOME:-/root}"/.sdkman/candidates/java/* "${HOME:-/root}"/.jdks/* \
    "${HOME:-/root}"/.local/share/mise/installs/java/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home \
    "${HOME:-/root}"/Library/Java/JavaVirtualMachines/*/Contents/Home \
    /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
    /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home
}

# Exports JAVA_HOME, and MAVEN_OPTS that keep Maven's own libraries from warning; ends the script
# with one line when there is no JDK.
use_jdk() {
  if ! JAVA_HOME=$(find_jdk); then
    echo "gatehouse: no JDK $JDK_NEEDED or newer found: install one (Temurin $JDK_NEEDED from https://adoptium.net, or your system's openjdk-$JDK_NEEDED-jdk package), or set JAVA_HOME" >&2
    exit 1
  fi
  export JAVA_HOME
  export MAVEN_OPTS="${MAVEN_OPTS:+$MAVEN_OPTS }--sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED"
}

# Ends the script with one line when there is no Maven.
need_maven() {
  if ! command -v mvn > /dev/null; then
    echo "gatehouse: Maven is missing, and the build needs it: install it (Debian: apt install maven; macOS: brew install maven)" >&2
    exit 1
  fi
}
