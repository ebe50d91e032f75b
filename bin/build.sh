# shellcheck shell=bash
# Sourced by ./gatehouse and ./verify, after find-jdk.sh.

root=${root:?the project folder}
stamp=$root/target/built
build_lock=$root/target/build.lock
build_log=$root/target/build.log
aot_cache=$root/target/gatehouse.aot

# What the gate's JVM is started with. A cache of loaded classes speeds up the start; where it
# does not fit (another JDK, a changed jar) the JVM goes on without it, and without a word. An event
# loop that ran out of memory serves nothing any more: the process ends, to be started again.
jvm_flags=(
  --enable-native-access=ALL-UNNAMED
  --sun-misc-unsafe-memory-access=allow
  -XX:+UseCompactObjectHeaders
  -XX:+ExitOnOutOfMemoryError
)

# A command that asks and ends needs neither the optimising compiler nor many collector threads.
command_flags=(-XX:TieredStopAtLevel=1 -XX:+UseSerialGC)

# The class path in a fixed order, as the cache of classes needs it.
class_path() {
  local jar path=''
  for jar in "$root"/server/target/gatehouse-server-*.jar "$root"/server/target/lib/*.jar; do
    path=$path:$jar
  done
  printf '%s\n' "${path#:}"
}

# Whether there is no build, or a source is newer than it. A deleted file shows by its folder.
build_needed() {
  if [ ! -e "$stamp" ] || [ ! -d "$root/server/target/lib" ]; then
    return 0
  fi
  [ -n "$(find "$root"/pom.xml "$root"/.mvn "$root"/*/pom.xml "$root"/*/src/main \
    -newer "$stamp" -print -quit)" ]
}

# Waits until no other build runs in this folder, and keeps others out until the subshell that
# called it ends. The kernel holds the lock, so a killed build leaves none behind.
lock_build() {
  mkdir -p "$root/target"
  exec 9> "$build_lock"
  if command -v flock > /dev/null; then
    if ! flock -n 9; then
      echo 'gatehouse: another build is running here; waiting for it' >&2
      flock 9
    fi
  elif command -v perl > /dev/null; then # macOS has no flock
    perl -MFcntl=:flock -e 'open(my $lock, "+<&=", 9) && flock($lock, LOCK_EX) or die "$!\n"'
  fi
}

# Removes what a build writes anew. A gate that runs keeps its open jars, which are only unlinked;
# one that Maven overwrote in place would fail at the next class it loads.
unlink_build() {
  rm -f "$stamp" "$aot_cache" "$root"/*/target/gatehouse-*.jar
  rm -rf "$root/server/target/lib"
}

# Marks the build as done. A first start fills the cache of classes, which only saves time: its
# failure is none.
end_build() {
  "$JAVA_HOME/bin/java" "${jvm_flags[@]}" "${command_flags[@]}" \
    -XX:AOTCacheOutput="$aot_cache" -cp "$(class_path)" dev.gatehouse.server.cli.Main --version \
    < /dev/null > /dev/null 2>&1 || true
  mv "$stamp.begun" "$stamp"
}

# Copies Maven's output to the log and says how far the build is: one changing line on a terminal,
# a line per module elsewhere.
show_progress() {
  local line module=Gatehouse step='' fetched=0 before=''
  while IFS= read -r line; do
    printf '%s\n' "$line" >&3
    case $line in
      '[INFO] Downloaded from '*)
        fetched=$((fetched + 1))
        ;;
      '[INFO] Building '*'['*']')
        line=${line#'[INFO] Building '}
        step="[${line##*'['}"
        module=${line%%  *}
        ;;
      *) continue ;;
    esac
    if [ -t 2 ]; then
      printf '\r\033[Kbuilding %s%s' "${step:+$step }" "$module" >&2
      [ "$fetched" -eq 0 ] || printf ' (files fetched: %s)' "$fetched" >&2
    elif [ "$step" != "$before" ]; then
      printf 'building %s %s\n' "$step" "$module" >&2
      before=$step
    fi
  done
  [ ! -t 2 ] || printf '\r\033[K' >&2
}

# Builds what the gate's process needs; ends the script with the log's end on failure.
build() (
  lock_build
  build_needed || exit 0
  need_maven
  if [ -e "$stamp" ]; then
    echo 'gatehouse: a source is newer than the build; building again' >&2
  else
    echo 'gatehouse: building; the first time takes a minute or two, as Maven fetches the libraries' >&2
  fi
  unlink_build
  touch "$stamp.begun" # what changes from here on is newer than this build
  cd "$root" || exit 1
  set -o pipefail
  if ! mvn -B -Dmaven.test.skip=true -pl server -am package < /dev/null 2>&1 \
    | show_progress 3> "$build_log"; then
    {
      echo "gatehouse: the build failed; its log is $build_log and ends with"
      grep -v -e '\[INFO\]' -e '\[ERROR\] *$' -e '\[WARNING\] \*' -e 're-run Maven' -e 'Re-run Maven' -e '\[Help 1\]' \
        -e 'After correcting' -e 'mvn <args>' -e 'For more information' \
        "$build_log" | tail -n 30
    } >&2
    exit 1
  fi
  end_build
)
