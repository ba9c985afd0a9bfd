package dev.grain.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Enforce;
import dev.grain.node.confine.Enforcement;
import dev.grain.node.confine.EnforcementSettings;
import dev.grain.node.confine.NotEnforceableException;
import dev.grain.resource.internal.Offer;
import dev.grain.wire.Address;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

final class WorkerCommandTest {
  private static final long GIB = 1L << 30;
  private static final Offer FOUND =
      Offer.EMPTY.withCores(2, 3, 5, 7).withMemory(10 * GIB).withGpus(List.of("0"));

  private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

  private static final Host HOST =
      new Host("n1", Path.of("/home/ada"), Map.of(), FOUND, 9 * GIB, false, START);

  private static final Enforcement OFF = off();

  /** What the life of a worker gave, in the place of one. */
  private static final int CODE = 42;

  private final List<WorkerOptions> started = new ArrayList<>();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private static Enforcement off() {
    try {
      return Enforcement.open(EnforcementSettings.OFF);
    } catch (NotEnforceableException e) {
      throw new AssertionError(e);
    }
  }

  private int execute(Host host, String... arguments) {
    CommandLine command =
        WorkerCommand.commandLine(
            () -> host,
            options -> {
              started.add(options);
              return CODE;
            });
    return command
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  private WorkerOptions options(Host host, String... arguments) {
    assertThat(execute(host, arguments)).as(err.toString()).isEqualTo(CODE);
    return started.getLast();
  }

  private WorkerOptions options(String... arguments) {
    return options(HOST, arguments);
  }

  private String mistake(Host host, String... arguments) {
    assertThat(execute(host, arguments)).isEqualTo(ExitCode.USAGE.number());
    assertThat(started).isEmpty();
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString())
        .startsWith("grain-worker: ")
        .endsWith("\n'grain-worker --help' lists the options.\n");
    return err.toString().lines().findFirst().orElseThrow().substring("grain-worker: ".length());
  }

  private String mistake(String... arguments) {
    return mistake(HOST, arguments);
  }

  @Test
  void options_withoutFlags_areTheDefaults() {
    assertThat(options())
        .isEqualTo(
            new WorkerOptions(
                null,
                4242,
                List.of(),
                FOUND.withMemory(HeapSize.offeredOf(10 * GIB)),
                "n1",
                null,
                false,
                Path.of("/home/ada/.cache/grain"),
                10 * GIB,
                false,
                Duration.ofSeconds(30),
                Duration.ofSeconds(60),
                null,
                EnforcementSettings.of(Enforce.BEST),
                false,
                new LogOptions(LogOptions.Threshold.INFO, null),
                false));
  }

  private static List<String> ids(Offer offer, String kind) {
    return Objects.requireNonNull(offer.ids().get(kind)).list();
  }

  @Test
  void resource_withAListOrARange_offersUnitsWithIds() {
    Offer offer =
        options("--resource", "PORT=8000-8002", "--resource", "CAMERA=b,a", "--resource", "T=8")
            .offer();
    assertThat(ids(offer, "PORT")).containsExactly("8000", "8001", "8002");
    assertThat(ids(offer, "CAMERA")).containsExactly("a", "b");
    assertThat(offer.ids()).doesNotContainKey("T");
    assertThat(offer.customs()).containsEntry("T", 80_000L).containsEntry("PORT", 30_000L);
    assertThat(ids(options("--resource", "X=a,").offer(), "X")).containsExactly("a");
  }

  @Test
  void options_withEachFlag_sayWhatItSays() {
    WorkerOptions options =
        options(
            "--port=0 --host node7 --head h1:1 --head=h2:2 --cpus 2 --memory 1GiB --name a.b"
                .concat(" --resource X=1.5 --resource Y=2 --key k --cache-dir c")
                .concat(
                    " --cache-size 1MiB --once --drain 5m --grace 2m --until 3h --check --log-level DEBUG --log-file l"
                        + " --enforce REQUIRE --max-processes 99 --pin")
                .split(" "));
    assertThat(options)
        .isEqualTo(
            new WorkerOptions(
                "node7",
                0,
                List.of(new Address("h1", 1), new Address("h2", 2)),
                FOUND
                    .withCores(2, 3)
                    .withMemory(GIB)
                    .withCustom("X", 15_000)
                    .withCustom("Y", 20_000),
                "a.b",
                Path.of("k"),
                false,
                Path.of("c"),
                1L << 20,
                true,
                Duration.ofMinutes(5),
                Duration.ofMinutes(2),
                START.plus(Duration.ofHours(3)),
                EnforcementSettings.of(Enforce.REQUIRE).withMaxProcesses(99),
                true,
                new LogOptions(LogOptions.Threshold.DEBUG, Path.of("l")),
                true));
  }

  @Test
  void port_withHeadOnly_isNone() {
    assertThat(options("--head", "h:1").port()).isNull();
    assertThat(options("--head", "h:1", "--port", "7").port()).isEqualTo(7);
  }

  @Test
  void cacheFolder_followsTheUsualVariable() {
    Host host =
        new Host(
            "n1", HOST.home(), Map.of("XDG_CACHE_HOME", "/x"), FOUND, HOST.heap(), false, START);
    assertThat(options(host).cacheFolder()).isEqualTo(Path.of("/x/grain"));
  }

  @Test
  void cpus_moreThanFound_addTheLowestFreeIds() {
    assertThat(options("--cpus", "6").offer().cores()).containsExactly(0, 1, 2, 3, 5, 7);
    assertThat(err.toString())
        .isEqualTo(
            "grain-worker: --cpus offers 6 cores, but this process may use only 4."
                + " Jobs will share them.\n");
  }

  @Test
  void cpus_asManyAsFound_areTheFoundOnes() {
    assertThat(options("--cpus", "4").offer().cores()).containsExactly(2, 3, 5, 7);
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void memory_byItself_isNotMoreThanTheHeapHolds() {
    Host small = new Host("n1", HOST.home(), Map.of(), FOUND, GIB, false, START);
    assertThat(options(small).offer().memory()).isEqualTo(HeapSize.offeredWith(GIB));
    Host unknown =
        new Host("n1", HOST.home(), Map.of(), Offer.EMPTY.withCores(0), GIB, false, START);
    assertThat(options(unknown).offer().memory()).isEqualTo(HeapSize.offeredWith(GIB));
  }

  @Test
  void memory_lessThanAWorkerNeeds_isRefused() {
    assertThat(mistake("--memory", "1MiB"))
        .isEqualTo("--memory: 1 MiB is less than a worker needs; offer at least 8 MiB.");
  }

  @Test
  void memory_moreThanTheHeapHolds_isRefused() {
    assertThat(options("--memory", "9GiB").offer().memory()).isEqualTo(9 * GIB);
    started.clear();
    assertThat(mistake("--memory", "9.1GiB"))
        .isEqualTo(
            "--memory: 9.1 GiB is more than this worker can hold: its heap has 9 GiB, but "
                + "this process may use only 10 GiB in all. Offer at most 8378MiB. The launcher "
                + "sizes the heap by --memory, unless GRAIN_JAVA_OPTS has an -Xmx of its own. If jobs are"
                + " commands, which need no heap, set the heap size with --heap.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --prot 1               | Unknown options: '--prot', '1'; did you mean --port?
          --memroy=8GiB          | Unknown option: '--memroy=8GiB'; did you mean --memory?
          4242                   | Unmatched argument at index 0: '4242'
          --port x               | Invalid value for option '--port': 'x' is not a port; use 1 to 65535, or 0 for any free one
          --port 65536           | Invalid value for option '--port': '65536' is not a port; use 1 to 65535, or 0 for any free one
          --port -1              | Invalid value for option '--port': '-1' is not a port; use 1 to 65535, or 0 for any free one
          --port 1 --port 2      | option '--port' (PORT) should be specified only once
          --port                 | Missing required parameter for option '--port' (PORT)
          --cpus 0               | --cpus 0: offer from 1 to 10000 cores
          --cpus -3              | --cpus -3: offer from 1 to 10000 cores
          --cpus 10001           | --cpus 10001: offer from 1 to 10000 cores
          --cpus 1.5             | Invalid value for option '--cpus': '1.5' is not an int
          --memory 8             | Invalid value for option '--memory': memory("8"): the unit is missing; write a number and one of the units B, kB, KiB, MB, MiB, GB, GiB, TB, TiB, for example "8GiB"
          --resource X           | --resource X: write NAME=AMOUNT or NAME=IDS, for example TEMPERATURE_SENSOR=1 or PORT=8000-8009
          --resource X=          | --resource X=: write NAME=AMOUNT or NAME=IDS, for example TEMPERATURE_SENSOR=1 or PORT=8000-8009
          --resource =1          | --resource =1: write NAME=AMOUNT or NAME=IDS, for example TEMPERATURE_SENSOR=1 or PORT=8000-8009
          --resource X=much      | --resource X=much: 'much' is neither a number nor a list of ids; write for example X=1 or X=a,b
          --resource X=0         | --resource X=0: custom("X", 0): zero; leave X out if the job needs none of it
          --resource X=NaN       | --resource X=NaN: custom("X", NaN): not a finite number; use one above 0, up to 1000000000
          --resource X=1 --resource X=2 | --resource X=2: X is named twice; give the sum of its amounts, or all of its ids
          --resource X=8000-7990 | --resource X=8000-7990: the range 8000-7990 runs backwards; write 7990-8000
          --resource X=a,b,a     | --resource X=a,b,a: the id a is listed twice; list each once
          --resource X=a,,b      | --resource X=a,,b: there is an empty id; separate ids by one comma, as in 8000,8003
          --resource X=1-200000  | --resource X=1-200000: more than 100000 ids; list fewer
          --resource X=8-010     | --resource X=8-010: the ends of the range 8-010 have leading zeros; write both with the same number of digits
          --resource GPU=1       | --resource GPU=1: GPUs are detected; limit them by CUDA_VISIBLE_DEVICES
          --resource cores=1     | --resource cores=1: cores are offered by --cpus
          --resource memory=1    | --resource memory=1: memory is offered by --memory
          --resource heap=1      | --resource heap=1: the size of the heap is set by --heap
          --resource ä=1         | --resource ä=1: custom("ä"): the name has 'ä' in it; use ASCII letters, digits, '_', '-' and '.'
          --head h1              | Invalid value for option '--head' (HOST:PORT): The address "h1" has no port: write node1:4242, 10.0.0.7:4242 or [fd00::7]:4242
          --name ''              | Invalid value for option '--name': '' is not a name; use 1 to 100 letters, digits, '_', '-', '.', ':', '@' and '+'
          --drain 5              | Invalid value for option '--drain': '5' is not a duration; write a whole number below a million and s, m or h, for example 30s
          --until 2              | Invalid value for option '--until': '2' is not a time; write a whole number and s, m or h, such as 2h, or a time such as 2026-03-01T18:30, followed by Z or an offset from UTC if it is not in this machine's time zone
          --until 2020-03-01T18:30Z | --until is in the past: 2020-03-01T18:30:00Z. Give a time in the future.
          --grace 1234567s       | Invalid value for option '--grace': '1234567s' is not a duration; write a whole number below a million and s, m or h, for example 30s
          --until 30s            | --until leaves no time for jobs: the worker has to end by %END%, and drains for 30 s before that. Shorten --drain, or give more time.
          --key k --insecure     | --key and --insecure exclude each other. Remove one of them.
          --head h:1 --host x    | --host is an address to listen on. Add --port, or remove --host.
          --respawn --port 0     | --respawn needs a fixed port: --port 0 would take another port after each restart.
          --respawn --until 2h   | --respawn would count --until from each restart. Give a date and time, such as 2026-03-01T18:30.
          --log-level loud       | Invalid value for option '--log-level': 'loud' is not a level; use one of error, warn, info, debug, trace
          --respawn              | --respawn works only with the launcher: start the worker by bin/grain-worker.
          """)
  void mistake_onTheCommandLine_isNamed(String line, String message) {
    assertThat(mistake(line.replace("''", "").split(" ", -1)))
        .isEqualTo(message.replace("%END%", readable(START.plusSeconds(30))));
  }

  @Test
  void purge_ofWhatIsNoFolder_isAMistake(@TempDir Path folder) throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    assertThat(mistake("--purge", "--cache-dir", file.toString()))
        .isEqualTo(
            "--purge: %s is a file, and not a folder. Name the folder of the cache by --cache-dir."
                .formatted(file));
  }

  @Test
  void purge_ofAFolderThatDoesNotExist_isAMistake(@TempDir Path folder) {
    Path missing = folder.resolve("missing");
    assertThat(mistake("--purge", "--cache-dir", missing.toString()))
        .isEqualTo("--purge: the folder %s of --cache-dir does not exist.".formatted(missing));
  }

  private static String readable(Instant moment) {
    return Until.readable(moment, ZoneId.systemDefault());
  }

  @Test
  void until_isADurationOrATime() {
    assertThat(options("--until", "90m").until()).isEqualTo(START.plus(Duration.ofMinutes(90)));
    assertThat(options("--until", "2026-03-01T19:30+01:00").until())
        .isEqualTo(Instant.parse("2026-03-01T18:30:00Z"));
    assertThat(options("--until", "2026-03-03T18:30:05").until())
        .isEqualTo(
            LocalDateTime.of(2026, 3, 3, 18, 30, 5).atZone(ZoneId.systemDefault()).toInstant());
  }

  private static Host inSlurm(String end) {
    return new Host("n1", HOST.home(), Map.of(Until.SLURM, end), FOUND, HOST.heap(), false, START);
  }

  @Test
  void until_inAnAllocation_isItsEnd() {
    Instant end = START.plusSeconds(3600);
    Host host = inSlurm(Long.toString(end.getEpochSecond()));
    assertThat(options(host).until()).isEqualTo(end);
    assertThat(options(host, "--until", "5m").until()).isEqualTo(START.plusSeconds(300));
    assertThat(options(inSlurm("0")).until()).isNull();
    assertThat(options(inSlurm("Unknown")).until()).isNull();
    assertThat(options(inSlurm("253402300799")).until()).isNull();
  }

  @Test
  void until_inAnAllocationThatIsAlmostOver_isRefused() {
    Instant end = START.plusSeconds(20);
    assertThat(mistake(inSlurm(Long.toString(end.getEpochSecond()))))
        .isEqualTo(
            "SLURM_JOB_END_TIME leaves no time for jobs: the worker has to end by "
                + readable(end)
                + ", and drains for 30 s before that. Shorten --drain, or give more time.");
  }

  @Test
  void readyLine_saysUntilWhen() {
    assertThat(ReadyLine.of(options("--until", "2h"), null, "n1", GIB, OFF))
        .endsWith(
            " (heap 1 GiB), until " + readable(START.plusSeconds(7200)) + ", enforcing nothing");
  }

  @Test
  void respawn_underTheLauncher_isTaken() {
    assertThat(
            options(
                new Host("n1", HOST.home(), Map.of(), FOUND, HOST.heap(), true, START),
                "--respawn"))
        .isNotNull();
  }

  @Test
  void help_namesEachFlagAndExitCode() {
    assertThat(execute(HOST, "--help")).isZero();
    assertThat(started).isEmpty();
    assertThat(out.toString())
        .contains("--port", "--host", "--head", "--cpus", "--memory", "--resource", "--name")
        .contains("--key", "--insecure", "--cache-dir", "--once", "--respawn", "--drain", "--until")
        .contains("Examples:", "Environment:")
        .contains(ExitCode.meanings().keySet());
  }

  @Test
  void help_fitsIntoEightyColumns() {
    execute(HOST, "--help");
    assertThat(out.toString().lines()).isNotEmpty().allMatch(line -> line.length() <= 80);
  }

  @Test
  void version_namesTheRelease() {
    assertThat(execute(HOST, "--version")).isZero();
    assertThat(out.toString()).matches("grain \\d+\\.\\d+\\.\\d+\\S* on Java 25\\S*\\R");
  }

  @Test
  void heap_ofItsOwn_doesNotLimitTheMemoryForCommands() {
    Host small = new Host("n1", HOST.home(), Map.of(), FOUND, GIB, false, START);
    assertThat(options(small, "--heap", "1GiB", "--memory", "9GiB").offer().memory())
        .isEqualTo(9 * GIB);
    assertThat(options(small, "--heap", "1GiB").offer().memory())
        .isEqualTo(HeapSize.offeredOf(10 * GIB));
    assertThat(HeapSize.of(new String[] {"--memory=9GiB", "--heap", "1GiB"}, 10 * GIB))
        .isEqualTo(GIB);
  }

  @Test
  void heap_lessThanTheMemory_limitsFunctions() {
    Host small = new Host("n1", HOST.home(), Map.of(), FOUND, GIB, false, START);
    assertThat(options(small, "--heap", "1GiB", "--memory", "9GiB").offer().heap()).isEqualTo(GIB);
    assertThat(options(small, "--heap", "1GiB").offer().heap()).isEqualTo(GIB);
  }

  @Test
  void heap_thatHoldsTheMemory_limitsNothing() {
    Host small = new Host("n1", HOST.home(), Map.of(), FOUND, GIB, false, START);
    assertThat(options().offer().heap()).isEqualTo(Offer.UNLIMITED);
    assertThat(options(small).offer().heap()).isEqualTo(Offer.UNLIMITED);
    assertThat(options(small, "--memory", "1GiB").offer().heap()).isEqualTo(Offer.UNLIMITED);
    assertThat(options(small, "--heap", "1GiB", "--memory", "1GiB").offer().heap())
        .isEqualTo(Offer.UNLIMITED);
  }

  @Test
  void enforcement_flagsThatContradict_areRefused() {
    assertThat(mistake("--enforce=off", "--max-processes=5"))
        .isEqualTo("--max-processes has no effect with --enforce=off. Remove one of them.");
    err.getBuffer().setLength(0);
    assertThat(mistake("--max-processes=0"))
        .isEqualTo("--max-processes 0: a job needs at least 1 process.");
    err.getBuffer().setLength(0);
    assertThat(mistake("--enforce=bets"))
        .contains("'bets' is not a mode; use one of off, best, require");
  }

  @Test
  void readyLine_saysWhereAndWhat() {
    Address everywhere = new Address("0.0.0.0", 4242);
    assertThat(ReadyLine.of(options("--resource", "X=1"), everywhere, "n1", 9 * GIB, OFF))
        .isEqualTo(
            "grain-worker n1 ready on n1:4242: 4 cores, 8 GiB, 1 GPU, X 1 (heap 9 GiB), enforcing"
                + " nothing");
    assertThat(ReadyLine.of(options("--host", "::1"), everywhere, "n1", 9 * GIB, OFF))
        .startsWith("grain-worker n1 ready on [::1]:4242: ");
    assertThat(ReadyLine.of(options("--head", "h:1", "--head", "i:2"), null, "n1", 9 * GIB, OFF))
        .startsWith("grain-worker n1 ready, dialing h:1, i:2: ");
  }

  @Test
  void exitCodes_ofTheGuide_areThese() throws IOException {
    String guide = Files.readString(Path.of("../docs/running-on-several-nodes.md"));
    String table =
        ExitCode.meanings().entrySet().stream()
            .map(code -> "| " + code.getKey() + " | " + code.getValue() + " |\n")
            .collect(Collectors.joining());
    assertThat(guide.replace("`", "")).contains(table);
  }

  @ParameterizedTest
  @EnumSource
  void exitCode_hasANumberOfItsOwn(ExitCode code) {
    assertThat(ExitCode.values()).filteredOn(each -> each.number() == code.number()).hasSize(1);
  }
}
