# What bin/grain, which sources this, does in a checkout: it builds what its programs need first, and it has
# the programs that are no part of an archive.

# What is built before a command runs.
modules=(grain-minion grain-client grain-worker grain-examples)
# To build, a JDK has to have a compiler.
program_of_jdk=javac

help_of_checkout() {
  cat <<'TEXT'
  demo [ARGUMENT...]   start two workers on this machine and spread real work over them: measure
                       every class of the JDK, print a table and write a report; 'demo --help'
                       lists the arguments
  bench NAME...        measure Grain beside what one would write by hand; 'bench --help' lists what
                       can be asked
  simulate [FLAG...]   run head and workers on a virtual clock and break what can break, with
                       as many seeds as you like; 'simulate --help' lists the flags
TEXT
}

version() {
  local line
  while read -r line; do
    if [[ $line =~ ^\<version\>(.*)\</version\>$ ]]; then
      echo "grain ${BASH_REMATCH[1]}"
      return
    fi
  done <"$HOME_FOLDER/pom.xml"
}

class_path() {
  echo "$(jar_of "$1"):$(<"$HOME_FOLDER/$1/target/classpath.txt")"
}

further_class_path() {
  echo ":$(class_path "$1")"
}

explicit_class_path() {
  class_path grain-worker
}

# An extension is built when the address of a queue needs it, as its libraries are large: one among the words,
# in a variable, or in a file that may have it.
add_extensions() {
  local words file pair
  words="$* ${MINION_QUEUE:-} MINION_ENGINE=${MINION_ENGINE:-}"
  for file in .env .minion.yml; do
    if [[ -r $file ]]; then words+=" $(<"$file")"; fi
  done
  for pair in kafka:/kafka pulsar:/pulsar pulsar+ssl:/pulsar MINION_ENGINE=pulsar/pulsar redis:/redis \
    rediss:/redis rabbitmq:/rabbitmq amqp:/rabbitmq amqps:/rabbitmq pubsub:/google MINION_ENGINE=google/google; do
    if [[ $words == *"${pair%/*}"* && " ${modules[*]} " != *" extensions/${pair#*/} "* ]]; then
      modules+=("extensions/${pair#*/}")
    fi
  done
}

# As an archive has them: a folder for each that is built, with its jars, except those that Grain itself has.
extensions() {
  local all="$HOME_FOLDER/target/ext" own module folder jar
  own="$(class_path grain-client):"
  for module in "${modules[@]}"; do
    folder="$all/${module##*/}"
    if [[ $module != extensions/* || $folder -nt $(jar_of "$module") ]]; then continue; fi
    rm -rf "$folder"
    mkdir -p "$folder"
    while IFS= read -r -d: jar; do
      if [[ $own != *"/${jar##*/}:"* ]]; then ln -s "$jar" "$folder/"; fi
    done <<<"$(class_path "$module"):"
  done
  echo "$all"
}

caches() {
  echo "$HOME_FOLDER/grain-worker/target/aot"
}

demo() {
  local jdk argument on_workers=1
  local -a arguments=() atlas
  for argument in "$@"; do
    case "$argument" in
      --embedded) on_workers='' ;;
      --help | -h)
        echo "Runs this on two workers, which it starts and stops; with --embedded in one process."
        echo
        on_workers='' arguments+=("$argument")
        ;;
      --worker) on_workers='' arguments+=("$argument") ;;
      *) arguments+=("$argument") ;;
    esac
  done
  jdk="$(find_jdk)"
  build_if_needed "$jdk"
  atlas=("$jdk/bin/java" -cp "$(class_path grain-examples)" dev.grain.examples.ClassAtlas
    ${arguments[@]+"${arguments[@]}"})
  if [[ -z $on_workers ]]; then exec "${atlas[@]}"; fi
  run_on_workers "${atlas[@]}"
}

# Starts two workers, each with half of the cores, runs the command on them, and stops them. Their key
# and the code that they are sent are in a folder that nobody else can read and that goes with them.
run_on_workers() {
  local cores addresses='' hint=" 'bin/grain demo --embedded' needs no workers."
  prepare_workers
  cores="$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)"
  exec 3< <(small_worker worker-1 $(((cores + 1) / 2)))
  workers+=($!) outputs+=(3)
  exec 4< <(small_worker worker-2 $((cores > 1 ? cores / 2 : 1)))
  workers+=($!) outputs+=(4)
  await_worker worker-1 3 "$hint"
  await_worker worker-2 4 "$hint"
  echo
  signal=''
  trap on_signal TERM INT HUP
  run_child "$@" --worker "$addresses"
  exit "$code"
}

# The jobs of the demo keep a class file at a time, so this memory is enough for any number of cores.
small_worker() {
  worker --host 127.0.0.1 --port 0 --once --drain 1s --memory 512MiB --name "$1" --cpus "$2" \
    2>"$scratch/$1.log"
}

# Its JVMs end with it, by whatever it is ended.
bench() {
  local jdk
  jdk="$(find_jdk)"
  modules+=(benchmarks)
  build_if_needed "$jdk"
  exec "$jdk/bin/java" --sun-misc-unsafe-memory-access=allow -cp "$(class_path benchmarks)" \
    dev.grain.benchmarks.Bench "$@"
}

# The simulation is among the tests of grain-core, where nothing but a build has them.
simulate() {
  local jdk tests="$HOME_FOLDER/grain-core/target/test-classes"
  jdk="$(find_jdk)"
  build_if_needed "$jdk"
  if [[ ! -e $tests/dev/grain/sim/Simulate.class || -n $(find \
    "$HOME_FOLDER"/grain-core/src/{main,test/java/dev/grain} -newer "$tests" -print -quit) ]]; then
    (cd "$HOME_FOLDER" && JAVA_HOME="$jdk" mvn --batch-mode --no-transfer-progress --quiet \
      --projects grain-core test-compile) || fail 'Building the simulation failed, see above.'
    touch "$tests"
  fi
  exec "$jdk/bin/java" -ea -XX:+UseParallelGC -cp "$tests:$(class_path grain-worker)" \
    dev.grain.sim.Simulate "$@"
}

build_if_needed() {
  local jdk="$1" log module projects
  if is_built; then return; fi
  command -v mvn >/dev/null || fail "Building Grain needs Maven (https://maven.apache.org) on the PATH."
  if [[ -e $HOME_FOLDER/grain-examples/target/classpath.txt ]]; then
    echo 'Building what has changed ...' >&2
  else
    echo 'Building Grain for the first time, which takes a minute ...' >&2
  fi
  projects="$(IFS=,; echo "${modules[*]}")"
  log="$(mktemp)"
  # shellcheck disable=SC2064
  trap "rm -f '$log'" EXIT
  if ! (cd "$HOME_FOLDER" && JAVA_HOME="$jdk" mvn --batch-mode --no-transfer-progress --quiet \
    -Dmaven.test.skip=true --projects "$projects" --also-make package) >"$log" 2>&1; then
    cat "$log" >&2
    fail 'Building Grain failed, see above.'
  fi
  # Maven leaves a jar alone that would be the same; this says that it is up to date.
  for module in "${modules[@]}"; do touch "$(jar_of "$module")"; done
  # without them everything works as well, only slower
  (make_caches "$jdk") >"$log" 2>&1 || true
  rm -f "$log"
  trap - EXIT
}

# The jars are there, the libraries they need too, and no source is newer.
is_built() {
  local module jar part
  for module in "${modules[@]}"; do
    jar="$(jar_of "$module")"
    [[ -e $jar && -s $HOME_FOLDER/$module/target/classpath.txt ]] || return 1
    while IFS= read -r -d: part; do
      [[ -e $part ]] || return 1
    done <<<"$(<"$HOME_FOLDER/$module/target/classpath.txt"):"
    [[ -z $(find "$HOME_FOLDER/pom.xml" "$HOME_FOLDER"/{grain-core,"$module"}/{pom.xml,src/main} \
      -newer "$jar" -print -quit) ]] || return 1
  done
}

jar_of() {
  local version name="${1##*/}"
  version="$(version)"
  echo "$HOME_FOLDER/$1/target/grain-${name#grain-}-${version#grain }.jar"
}
