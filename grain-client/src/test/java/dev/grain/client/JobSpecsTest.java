package dev.grain.client;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.gpuIds;
import static dev.grain.resource.Resources.memory;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.grain.Code;
import dev.grain.spec.EnvironmentSpec;
import dev.grain.spec.IsolationSpec;
import dev.grain.spec.JobSpec;
import dev.grain.spec.RetrySpec;
import dev.grain.spec.SettingSpec;
import dev.grain.spec.WorkSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Job files as people write them, with their mistakes. */
final class JobSpecsTest {
  private static JobSpec one(String yaml) {
    List<JobSpec> jobs = JobSpecs.readYaml(yaml);
    assertThat(jobs).hasSize(1);
    return jobs.getFirst();
  }

  private static List<Problem> problems(String yaml) {
    return catchThrowableOfType(JobSpecException.class, () -> JobSpecs.readYaml(yaml)).problems();
  }

  private static List<Problem> problemsOfJson(String json) {
    return catchThrowableOfType(JobSpecException.class, () -> JobSpecs.readJson(json)).problems();
  }

  private static Problem problem(String yaml) {
    List<Problem> problems = problems(yaml);
    assertThat(problems).hasSize(1);
    return problems.getFirst();
  }

  // ---------------------------------------------------------------- what is read

  @Test
  void job_hasWhatTheFileSays() {
    JobSpec job =
        one(
            """
            id: nightly-42
            name: energies
            command: [./simulate, --seed, 42, --lr, 1.10, --fast, true]
            resources: {cpu: 2.5, memory: 8GiB, gpuIds: "0,2"}
            env: {OMP_NUM_THREADS: "{cpu.count}", SIZE: 1.10, DEBUG: no, MODE: 0o17}
            retries: 3
            backoff: 10 s
            timeLimit: 1 h 30 min
            priority: 300
            labels: {project: water, run: 7}
            hold: true
            """);
    assertThat(job)
        .isEqualTo(
            JobSpec.of(
                    WorkSpec.command(
                        "./simulate", "--seed", "42", "--lr", "1.10", "--fast", "true"))
                .withId("nightly-42")
                .withName("energies")
                .withResources(cpu(2.5).and(memory("8GiB")).and(gpuIds("0,2")))
                .withEnv(
                    Map.of(
                        "OMP_NUM_THREADS",
                        "{cpu.count}",
                        "SIZE",
                        "1.10",
                        "DEBUG",
                        "no",
                        "MODE",
                        "0o17"))
                .withRetries(new RetrySpec(3, Duration.ofSeconds(10), 2, Duration.ofMinutes(5)))
                .withTimeLimit(Duration.ofMinutes(90))
                .withPriority(300)
                .withLabels(Map.of("project", "water", "run", "7"))
                .withHold(true));
  }

  @Test
  void shorthands_standForTheLongForms() {
    SettingSpec none = SettingSpec.NONE;
    assertThat(one("command: python3  train.py\n").work())
        .isEqualTo(WorkSpec.command("python3", "train.py"));
    assertThat(one("shell: ls | wc\n").work()).isEqualTo(WorkSpec.shell("ls | wc"));
    assertThat(one("{command: a, image: 'python:3.12', mounts: ['/a:/b:ro']}").setting())
        .isEqualTo(
            none.withIsolation(IsolationSpec.container("python:3.12"))
                .withMounts(List.of(new SettingSpec.Mount("/a", "/b", true))));
    assertThat(one("{command: a, environment: a/requirements-gpu.txt}").setting())
        .isEqualTo(
            none.withEnvironment(
                EnvironmentSpec.of(EnvironmentSpec.Kind.VENV, "a/requirements-gpu.txt")));
    assertThat(one("{command: a, code: {git: 'https://a/b'}}").setting().code())
        .isEqualTo(Code.git("https://a/b").branch("main"));
    assertThat(one("{function: 'A::b', isolation: {jvm: worker}}").setting())
        .isEqualTo(none.withIsolation(IsolationSpec.jvm()));
    assertThat(one("{command: a, inputJson: {lr: 0.010}}").work())
        .isInstanceOfSatisfying(
            WorkSpec.Program.class,
            work -> assertThat(work.input()).isEqualTo(new WorkSpec.Input.Text("{\"lr\":0.010}")));
    assertThat(one("{command: a, timeLimit: 90}").timeLimit()).isEqualTo(Duration.ofSeconds(90));
  }

  @Test
  void arguments_areJson_howeverTheyAreWritten() {
    JobSpec job =
        one(
            """
            function: com.acme.Jobs::energy(double, int)
            arguments:
            - H2O
            - 0x1F
            - 1.50
            - ~
            - {a: [true], 1: "1"}
            """);
    assertThat(job.work())
        .isEqualTo(
            WorkSpec.function(
                "com.acme.Jobs::energy(double, int)",
                "\"H2O\"",
                "31",
                "1.50",
                "null",
                "{\"a\":[true],\"1\":\"1\"}"));
  }

  @Test
  void defaults_areReplaced_orJoinedKeyByKey() {
    List<JobSpec> jobs =
        JobSpecs.readYaml(
            """
            defaults:
              name: all
              resources: {cpu: 2, memory: 1GiB, gpu: 1}
              env: {A: 1, B: 1}
              image: python
              mounts: ["/a:/a"]
            jobs:
            - command: a
            - command: b
              name: own
              resources: {memory: 2GiB, gpuIds: "0"}
              env: {B: 2}
              isolation: {localImage: train}
            """);
    assertThat(jobs).extracting(JobSpec::name).containsExactly("all", "own");
    assertThat(jobs.get(1).resources()).isEqualTo(cpu(2).and(memory("2GiB")).and(gpuIds("0")));
    assertThat(jobs.get(1).env()).isEqualTo(Map.of("A", "1", "B", "2"));
    assertThat(jobs.get(1).setting().isolation())
        .isEqualTo(new IsolationSpec.Container("train", true, null, null, List.of(), false, null));
    assertThat(jobs.get(1).setting().mounts())
        .containsExactly(new SettingSpec.Mount("/a", "/a", false));
  }

  @Test
  void alias_standsForWhatItsAnchorHas() {
    List<JobSpec> jobs =
        JobSpecs.readYaml(
            """
            - command: a
              resources: &large {cpu: 8}
            - command: b
              resources: *large
            """);
    assertThat(jobs).extracting(JobSpec::resources).containsExactly(cpu(8), cpu(8));
  }

  @Test
  void file_isReadByItsName(@TempDir Path folder) throws IOException {
    Path yaml = folder.resolve("job.yml");
    Files.writeString(yaml, "\uFEFFcommand: ä\n");
    assertThat(JobSpecs.read(yaml)).containsExactly(JobSpec.of(WorkSpec.command("ä")));
    Path json = folder.resolve("job.JSON");
    Files.writeString(json, "{\"command\": \"a\"}");
    assertThat(JobSpecs.read(json)).containsExactly(JobSpec.of(WorkSpec.command("a")));
    Files.writeString(json, "command: a");
    assertThatExceptionOfType(JobSpecException.class)
        .isThrownBy(() -> JobSpecs.read(json))
        .withMessageContaining("This is not JSON");
    Files.write(yaml, "command: ä\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatExceptionOfType(JobSpecException.class)
        .isThrownBy(() -> JobSpecs.read(yaml))
        .withMessage("The text is not in UTF-8.");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> JobSpecs.read(folder.resolve("none.yml")));
  }

  // ---------------------------------------------------------------- mistakes

  @Test
  void mistakes_areToldAllAtOnce_eachAtItsPlace() {
    List<Problem> problems =
        problems(
            """
            jobs:
            - command: hostname
              resources:
                cpus: 2
                memory: 8 gigs
              retries: two
            - comand: hostname
              timeLimit: 10 minutes
            - command: echo
              hold: yes
              id: a b
            """);
    assertThat(
            problems.stream().map(each -> each.pointer() + " " + each.line() + ":" + each.column()))
        .containsExactly(
            "/jobs/0/resources/cpus 4:5",
            "/jobs/0/resources/memory 5:13",
            "/jobs/0/retries 6:12",
            "/jobs/1 7:3",
            "/jobs/1/comand 7:3",
            "/jobs/1/timeLimit 8:14",
            "/jobs/2/hold 10:9",
            "/jobs/2/id 11:7");
    assertThat(problems.getFirst())
        .hasToString(
            "line 4, column 5 (/jobs/0/resources/cpus): \"cpus\" is not a key of resources; did you mean \"cpu\"?"
                + " Expected: one of cpu, memory, gpu, gpuIds, capacity, custom, customIds, tokens, wallTime."
                + " Example: cpu: 2.5");
    assertThat(problems.get(1).message()).contains("unknown unit \"gigs\"");
    assertThat(problems.get(2))
        .hasToString(
            "line 6, column 12 (/jobs/0/retries): This is a text, and not a number."
                + " Expected: a whole number from 0 to 1,000,000. Example: retries: 2");
    assertThat(problems.get(6).message()).isEqualTo("This is a text, and not true or false.");
  }

  @Test
  void json_hasPlacesAsWell() {
    List<Problem> problems =
        problemsOfJson("{\n  \"command\": [\"a\"],\n  \"labels\": {\"a/b c\": 1},\n  \"cpu\": 2}");
    assertThat(problems)
        .extracting(Problem::pointer, Problem::line)
        .containsExactly(tuple("/labels/a~1b c", 3), tuple("/cpu", 4));
  }

  @ParameterizedTest
  @CsvSource({
    "args, arguments",
    "timeout, timeLimit",
    "volumes, mounts",
    "commnd, command",
    "cwd, workingDir",
    "Retries, retries",
    "tags, labels",
    "enviroment, environment"
  })
  void unknownKey_getsTheKeyThatWasMeant(String written, String meant) {
    assertThat(problem("{shell: a, " + written + ": x}").message())
        .isEqualTo("\"%s\" is not a key of a job; did you mean \"%s\"?".formatted(written, meant));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "command: a 'b c'|The text has a character that only a shell interprets",
        "{command: a, name: }|This is nothing, and not a text.",
        "{command: [echo, '{cpu.cuont}']}|did you mean {cpu.count}",
        "{command: a, isolation: {image: a, capabilities: [NET_ROW]}}|did you mean NET_RAW?",
        "{command: a, resources: {memory: 1024}}|the unit is missing",
        "{command: a, resources: {custom: {gpus: 1}}}|the name is reserved; use gpu(...)",
        "{command: a, resources: {wallTime: {soft: 2 h, hard: 1 h}}}|the soft limit is above the hard one",
        "{command: a, image: a, mounts: ['/a:/b', '/c:/b']}|Two mounts at \"/b\"",
        "{command: a, image: a, mounts: ['/a:/grain/x']}|a container has the files of its job in /grain",
        "{command: a, backoff: {first: 10 s, most: 5 s}}|most is 5 s: not less than first, which is 10 s",
        "{command: a, code: {git: a, commit: 0f0f}}|is not the SHA of a commit",
        "{function: 'A::b', isolation: {jvm: worker, flags: [-jar]}}|sets what the JVM runs",
        "{function: 'A::b', environment: requirements.txt}|sets variables such as PATH",
        "{command: a, environment: {venv: a, files: {b: c}}}|is not among its files, b",
        "{command: a, env: {'A=B': c}}|cannot be the name of an environment variable",
        "{command: a, id: 26-11-28-3-abc}|begins with a date",
      })
  void mistake_saysWhatIsWrong(String yaml, String message) {
    assertThat(problem(yaml).message()).contains(message);
  }

  @Test
  void key_thatIsThereTwice_isToldWithBothPlaces() {
    assertThat(problem("command: a\nname: b\ncommand: c\n"))
        .satisfies(problem -> {
          assertThat(problem.line()).isEqualTo(3);
          assertThat(problem.message())
              .isEqualTo(
                  "The key \"command\" is there twice, first in line 1. Remove one of them.");
        });
    assertThat(problemsOfJson("{\"command\": \"a\", \"command\": \"b\"}")).hasSize(1);
    assertThat(problem("{command: a, env: {A: 1, A: 2}}").pointer()).isEqualTo("/env/A");
  }

  @Test
  void id_thatTwoJobsHave_isToldOnce() {
    assertThat(problem("[{id: a, command: b}, {id: a, command: c}]").message())
        .isEqualTo("The id \"a\" is that of an earlier job as well.");
  }

  @Test
  void defaults_thatAreWrong_areToldOnce_evenIfNoJobHasThem() {
    assertThat(
            problems(
                """
                defaults: {retries: two, image: A B, command: x}
                jobs: [{command: a, retries: 1}, {command: b, retries: 2}]
                """))
        .extracting(Problem::pointer)
        .containsExactly("/defaults/retries", "/defaults/image", "/defaults/command");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|The text is empty.",
        "'# nothing'|The text is empty.",
        "'command: [a'|This is not YAML",
        "'command: a: b'|This is not YAML",
        "'command: *a'|There is no anchor &a before this alias",
        "'a: &a [*a]'|There is no anchor &a before this alias",
        "'command: !ruby a'|The tag !ruby of \"a\" has no meaning here.",
        "'{command: a, env: {<<: {A: b}}}'|YAML 1.2 has no key <<",
        "'command: \"a\u0085b\"'|Here is the character U+0085.",
        "'{[a]: b}'|A key is a text, and not a group.",
        "'{command: a, priority: .inf}'|.inf is not a number that JSON has.",
      })
  void yaml_thatCannotBeRead_isToldWithItsPlace(String yaml, String message) {
    Problem first = problems(yaml).getFirst();
    assertThat(first.message()).contains(message);
    assertThat(first.line()).isPositive();
  }

  @Test
  void secondDocument_isRefused() {
    assertThat(problem("command: a\n---\ncommand: b\n").message())
        .isEqualTo("A second document begins here. Put all jobs into one, as a list.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "{\"command\": \"a\"} x",
        "{\"command\": \"a\"}{}",
        "{'command': 1}",
        "NaN",
        "{\"a\": 01}",
        "{\"command\": \"a\",}",
        "{\"command\": \"\t\"}",
        "// a\n{}"
      })
  void json_thatIsNone_isRefused(String json) {
    assertThat(problemsOfJson(json)).hasSize(1);
  }

  @Test
  void list_forOneJob_isRefused() {
    assertThatExceptionOfType(JobSpecException.class)
        .isThrownBy(() -> JobSpecs.readOne("[{\"command\": \"a\"}]"))
        .withMessageContaining("This is a list, and not a job.");
  }

  @Test
  void halfACharacter_isRefused() {
    assertThat(problemsOfJson("{\"command\": [\"\\ud800\"]}").getFirst().message())
        .contains("half of a character");
  }

  // ---------------------------------------------------------------- limits

  @Test
  void text_hasUpToOneMebibyte() {
    String json = "{\"command\": [\"%s\"]}";
    int room = 1024 * 1024 - json.length() + 2;
    assertThat(JobSpecs.readJson(json.formatted("a".repeat(room)))).hasSize(1);
    assertThat(problemsOfJson(json.formatted("a".repeat(room + 1))).getFirst().message())
        .startsWith("The text has more than 1 MiB.");
    assertThat(problemsOfJson(json.formatted("ä".repeat(room / 2 + 1))).getFirst().message())
        .startsWith("The text has more than 1 MiB.");
  }

  @Test
  void file_thatIsLarge_isNotReadWhole(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("job.yml");
    Files.write(file, new byte[3 * 1024 * 1024]);
    assertThatExceptionOfType(JobSpecException.class)
        .isThrownBy(() -> JobSpecs.read(file))
        .withMessageStartingWith("The text has more than 1 MiB.");
  }

  @ParameterizedTest
  @ValueSource(ints = {101, 100_000})
  void nesting_isLimited(int depth) {
    String deep = "[".repeat(depth) + "]".repeat(depth);
    String json = "{\"function\": \"A::b\", \"arguments\": " + deep + "}";
    assertThat(problemsOfJson(json)).hasSize(1);
    assertThat(problems(json)).hasSize(1);
  }

  @Test
  void aliases_thatMultiply_areRefused() {
    String laughs =
        IntStream.range(0, 30)
            .mapToObj(i ->
                "- &a%s %s\n"
                    .formatted(i, i == 0 ? "[lol]" : "[*a%1$s, *a%1$s, *a%1$s]".formatted(i - 1)))
            .collect(Collectors.joining());
    assertThat(problem(laughs).message()).contains("as aliases (*name) repeat");
  }

  @Test
  void defaults_ofManyJobs_areLimited() {
    String jobs =
        IntStream.range(0, 10_000).mapToObj(_ -> "{command: a}").collect(Collectors.joining(","));
    String yaml = "{defaults: {env: {A: %s}}, jobs: [%s]}";
    assertThat(JobSpecs.readYaml(yaml.formatted("a".repeat(1000), jobs))).hasSize(10_000);
    assertThat(problem(yaml.formatted("a".repeat(10_000), jobs)).message())
        .startsWith("The defaults of 10000 jobs take more than");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e1000000000", "1e-1000000000", "0e-1000000000", "1e99999999999"})
  void numbers_withHugeExponents_areRefused_atOnce(String number) {
    for (String key : List.of("priority", "timeLimit", "retries", "inputJson")) {
      assertThat(problems("{\"command\": \"a\", \"%s\": %s}".formatted(key, number))).isNotEmpty();
      assertThat(problemsOfJson("{\"command\": \"a\", \"%s\": %s}".formatted(key, number)))
          .isNotEmpty();
    }
  }

  @Test
  void problems_areAtMostAHundred() {
    String jobs =
        IntStream.range(0, 500).mapToObj(i -> "k" + i + ": 1").collect(Collectors.joining("\n"));
    assertThat(problems("command: a\n" + jobs)).hasSize(100);
  }
}
