package dev.grain.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.grain.spec.JobSpec;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The schema takes and refuses what the reader takes and refuses. */
final class SchemaTest {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final JsonNode TREE = MAPPER.readTree(JobSpecs.schema());
  private static final Schema SCHEMA =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12).getSchema(TREE);

  /** The definitions with keys that the file may have, and the keys that the reader knows there. */
  private static final Map<String, Key[]> KEYS =
      Map.ofEntries(
          Map.entry("keys", Keys.OF_JOB),
          Map.entry("shell", new Key[] {Keys.SCRIPT, Keys.PROGRAM, Keys.SCRIPT_ARGUMENTS}),
          Map.entry(
              "shipped",
              new Key[] {
                Keys.BUNDLE, Keys.SHIPPED_FUNCTION, Keys.SHIPPED_ARGUMENTS, Keys.PLATFORM_THREAD
              }),
          Map.entry("resources", Keys.OF_RESOURCES),
          Map.entry("wallTime", new Key[] {Keys.SOFT, Keys.HARD}),
          Map.entry("isolation", Keys.OF_ISOLATION),
          Map.entry("mount", new Key[] {Keys.HOST, Keys.PATH_IN_CONTAINER, Keys.READ_ONLY}),
          Map.entry(
              "code",
              new Key[] {Keys.GIT, Keys.BRANCH, Keys.COMMIT, Keys.PATH_IN_REPO, Keys.FOLDERS}),
          Map.entry("environment", Keys.OF_ENVIRONMENT),
          Map.entry("backoff", new Key[] {Keys.FIRST, Keys.FACTOR, Keys.MOST}),
          Map.entry("file", new Key[] {Keys.DEFAULTS, Keys.JOBS}));

  private static boolean isTakenBySchema(JsonNode job) {
    return SCHEMA.validate(job).isEmpty();
  }

  private static void assertTaken(JsonNode job) {
    assertThat(SCHEMA.validate(job)).as(job.toPrettyString()).isEmpty();
    assertThat(JobSpecs.readJson(job.toString())).isNotEmpty();
  }

  private static void assertRefused(JsonNode job) {
    assertThat(isTakenBySchema(job)).as("the schema takes %s", job.toPrettyString()).isFalse();
    assertThatExceptionOfType(JobSpecException.class)
        .as("the reader takes %s", job.toPrettyString())
        .isThrownBy(() -> JobSpecs.readJson(job.toString()));
  }

  private static ObjectNode parse(String json) {
    return (ObjectNode) MAPPER.readTree(json);
  }

  /** Reads YAML, which is shorter. */
  private static JsonNode yaml(String yaml) {
    Problems problems = new Problems();
    Node node = YamlTree.read(yaml, problems);
    problems.ensureNone();
    return MAPPER.readTree(JsonText.of(Objects.requireNonNull(node)));
  }

  // ---------------------------------------------------------------- itself

  @Test
  void schema_isOneItself() {
    Schema meta =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(
                com.networknt.schema.SchemaLocation.of(
                    "https://json-schema.org/draft/2020-12/schema"));
    assertThat(meta.validate(TREE)).isEmpty();
  }

  @Test
  void keys_areThoseOfTheReader_eachWithADescriptionAndAnExample() {
    KEYS.forEach((name, keys) -> {
      JsonNode properties = TREE.at("/$defs/" + name + "/properties");
      assertThat(properties.propertyNames())
          .as(name)
          .containsExactlyInAnyOrderElementsOf(Stream.of(keys).map(Key::name).toList());
      if (!name.equals("file")) {
        properties
            .properties()
            .forEach(each -> {
              assertThat(each.getValue().path("description").asString()).isNotEmpty();
              assertThat(each.getValue().path("examples")).as(each.getKey()).isNotEmpty();
            });
      }
    });
    Set<String> shared = new TreeSet<>(Stream.of(Keys.OF_JOB).map(Key::name).toList());
    Stream.of(Keys.OF_ONE_JOB).map(Key::name).forEach(shared::remove);
    assertThat(TREE.at("/$defs/defaults/properties").propertyNames())
        .containsExactlyInAnyOrderElementsOf(shared);
  }

  static Stream<Arguments> examples() {
    List<Arguments> all = new ArrayList<>();
    KEYS.keySet().stream()
        .filter(name -> !name.equals("file"))
        .forEach(name ->
            TREE.at("/$defs/" + name + "/properties")
                .properties()
                .forEach(key ->
                    key.getValue()
                        .path("examples")
                        .forEach(example -> all.add(arguments(name, key.getKey(), example)))));
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("examples")
  void example_isTaken(String definition, String key, JsonNode example) {
    assertTaken(jobWith(definition, key, example));
  }

  /** Returns a job that has the key where it belongs, and what it needs. */
  private static ObjectNode jobWith(String definition, String key, JsonNode value) {
    ObjectNode job = MAPPER.createObjectNode();
    ObjectNode group = definition.equals("keys") ? job : MAPPER.createObjectNode();
    switch (definition) {
      case "keys" -> {}
      case "mount" -> job.putArray("mounts").add(group);
      default -> job.set(definition.equals("wallTime") ? "resources" : definition, group);
    }
    if (definition.equals("wallTime")) {
      ObjectNode limits = group.putObject("wallTime");
      limits.put("hard", "1 d");
      limits.set(key, value);
    } else {
      group.set(key, value);
    }
    complete(definition, key, job, group);
    return job;
  }

  private static void complete(String definition, String key, ObjectNode job, ObjectNode group) {
    switch (definition + "." + key) {
      case "keys.arguments", "keys.platformThread" -> job.put("function", "A::b");
      case "keys.mounts" -> job.put("image", "a");
      case "isolation.network",
          "isolation.user",
          "isolation.capabilities",
          "isolation.readOnlyRoot",
          "isolation.sharedMemory" ->
          group.put("image", "a");
      case "isolation.options" -> group.put("apptainer", "/a.sif");
      case "isolation.flags" -> group.put("jvm", "worker");
      case "code.branch", "code.commit", "code.path" -> group.put("git", "a");
      case "environment.files" -> group.put("venv", "requirements.txt");
      case "environment.inputs" -> group.put("script", "a");
      case "environment.python", "environment.timeLimit" -> group.put("venv", "a");
      case "backoff.factor", "backoff.most" -> group.put("first", "1 s");
      case "mount.host", "mount.readOnly" -> group.put("path", "/p");
      default -> {}
    }
    if (definition.equals("mount")) {
      job.put("image", "a");
      if (!group.has("host")) {
        group.put("host", "/h");
      }
    }
    if (definition.equals("shell") && !group.has("script")) {
      group.put("script", "true");
    }
    if (definition.equals("shipped")) {
      List.of("function", "arguments").forEach(each -> group.put(each, "AAEC"));
      group.put("bundle", "0f".repeat(32));
      if (key.equals("platformThread")) {
        group.put(key, true);
      }
    }
    boolean works = Stream.of(Keys.OF_WORK).anyMatch(each -> job.has(each.name()));
    boolean jvm = job.path("isolation").has("jvm");
    if (!works) {
      job.put(jvm ? "function" : "command", jvm ? "A::b" : "hostname");
    }
  }

  // ---------------------------------------------------------------- what both take

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void randomSpecs_areTaken(long seed) {
    RandomSpecs random = new RandomSpecs(1000 + seed);
    for (int i = 0; i < 50; i++) {
      assertTaken(MAPPER.readTree(JobSpecs.toJson(random.next())));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "command: hostname",
        "command: [echo, 1, 1.5, true]",
        "{shell: 'ls', env: {A: 1, B: true, C: 1.10}}",
        "{command: a, timeLimit: 90, backoff: 0, retries: 2}",
        "{command: a, backoff: {first: 0, factor: 1, most: 0}}",
        "{command: a, resources: {}}",
        "{command: a, resources: {gpuIds: 0, customIds: {PORT: 8000}}}",
        "{command: a, image: a, mounts: ['/a:/b', '/a:/c:ro', '/d:/e:rw']}",
        "{command: a, isolation: {image: a, user: 1000}}",
        "{function: 'A::b', environment: pom.xml}",
        "{function: 'A::b', isolation: {jvm: worker}, environment: requirements.txt}",
        "{function: 'A::b', image: a, env: {A: 1}, environment: {maven: pom.xml}}",
        "{function: 'A::b', arguments: [null, [], {}], code: none}",
        "[{command: a}, {command: b}]",
        "{jobs: [{command: a}]}",
        "{defaults: {}, jobs: [{command: a}]}",
        "{defaults: {image: a}, jobs: [{command: a, mounts: ['/a:/b']}]}",
        "{defaults: {mounts: ['/a:/b']}, jobs: [{command: a, image: a}]}",
        "{defaults: {resources: {gpu: 1}}, jobs: [{command: a, resources: {gpuIds: '0'}}]}",
        "{command: a, labels: {a: 1, b: ''}}",
        "{command: a, priority: 0.5, hold: false}",
      })
  void form_isTaken(String yaml) {
    assertTaken(yaml(yaml));
  }

  // ---------------------------------------------------------------- what both refuse

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "'hostname'",
        "3",
        "null",
        "[[]]",
        "{jobs: []}",
        "{jobs: {command: a}}",
        "{defaults: {}}",
        "{defaults: [], jobs: [{command: a}]}",
        "{defaults: {id: a}, jobs: [{command: a}]}",
        "{defaults: {command: a}, jobs: [{command: a}]}",
        "{defaults: {cpus: 1}, jobs: [{command: a}]}",
        "{defaults: {image: a, isolation: {image: a}}, jobs: [{command: a}]}",
        "{defaults: {hold: 1}, jobs: [{command: a}]}",
        "{jobs: [{command: a}], command: a}",
        "{jobs: [{}]}",
        "{name: a}",
        "{command: a, shell: b}",
        "{command: a, function: 'A::b'}",
        "{command: a, arguments: [1]}",
        "{shell: a, platformThread: true}",
        "{function: 'A::b', stdin: /a}",
        "{function: 'A::b', successCodes: [0]}",
        "{function: 'A::b', workingDir: /a}",
        "{function: 'A::b', input: a}",
        "{function: 'A::b', result: true}",
        "{function: 'A::b', env: {A: 1}}",
        "{function: 'A::b', environment: requirements.txt}",
        "{function: 'A::b', isolation: {apptainer: /a}}",
        "{command: a, isolation: {jvm: worker}}",
        "{command: a, image: a, environment: requirements.txt}",
        "{command: a, image: a, isolation: {image: a}}",
        "{command: a, mounts: ['/a:/b']}",
        "{command: a, isolation: {jvm: worker}, mounts: ['/a:/b']}",
        "{command: a, input: a, inputJson: 1}",
        "{command: a, input: a, inputBase64: AAEC}",
        "{command: a, inputJson: a, inputBase64: AAEC}",
        "{command: a, isolation: {}}",
        "{command: a, isolation: {network: none}}",
        "{command: a, isolation: {image: a, localImage: b}}",
        "{command: a, isolation: {image: a, options: [--x]}}",
        "{command: a, isolation: {apptainer: /a, user: a}}",
        "{command: a, isolation: {apptainer: /a, flags: [-x]}}",
        "{command: a, code: {}}",
        "{command: a, code: {branch: a}}",
        "{command: a, code: {git: a, folders: [/a]}}",
        "{command: a, code: {folders: [/a], path: b}}",
        "{command: a, code: {git: a, branch: b, commit: 0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f}}",
        "{command: a, environment: {}}",
        "{command: a, environment: {venv: a, conda: b}}",
        "{command: a, environment: {conda: a, python: b}}",
        "{command: a, environment: {venv: a, inputs: [b]}}",
        "{command: a, backoff: {factor: 2}}",
        "{command: a, resources: {gpu: 1, gpuIds: '0'}}",
        "{command: a, resources: {wallTime: {soft: 1 s}}}",
        "{command: a, resources: {tokens: [a, a]}}",
        "{shell: {program: bash}}",
        "{command: a, image: a, mounts: [{host: /a}]}",
        "{shipped: {bundle: a, function: AAEC, arguments: AAEC}}",
        "{shipped: {function: AAEC, arguments: AAEC}}",
      })
  void form_isRefused(String yaml) {
    assertRefused(yaml(yaml));
  }

  /** What is wrong for a key beside values of another type, by definition and key, in YAML. */
  private static final Map<String, String> WRONG =
      Map.ofEntries(
          Map.entry("keys.id", "['', ' ', a b, -a, ä, 26-11-28-1-a, \"a\\n\", 5, true, a/b]"),
          Map.entry("keys.name", "['', ' a', 'a ', \"a\\nb\", \"\\e[1m\", \"a\\u202eb\", 5]"),
          Map.entry(
              "keys.command", "['', ' ', [], [''], 'a | b', 'a \"b\"', [\"a\\0\"], [[a]], 5]"),
          Map.entry("keys.shell", "['', 5, [a], \"a\\0\"]"),
          Map.entry("keys.function", "['', a, 'a::', '::b', 'a b::c', 'a::b(', 5, \"A::b\\n\"]"),
          Map.entry("keys.arguments", "[a, 5]"),
          Map.entry("keys.stdin", "['', 5, \"a\\0\"]"),
          Map.entry("keys.workingDir", "['', 5, \"a\\0\"]"),
          Map.entry("keys.successCodes", "[[], [256], [-1], [0.5], [a], 0]"),
          Map.entry("keys.input", "[5, true]"),
          Map.entry("keys.inputBase64", "[A, AAE, '!!!!', 5, 'AAEC ']"),
          Map.entry("keys.result", "[yes, 1, 'true']"),
          Map.entry("keys.image", "['', 'a b', 'a@sha256:0', 5]"),
          Map.entry("keys.mounts", "[[a], ['/a'], ['/a:b'], ['/a:/b:xy'], [5], /a, ['a:/b']]"),
          Map.entry("keys.code", "[some, 5, '']"),
          Map.entry("keys.environment", "[a.txt, /pom.xml, 5, ../pom.xml]"),
          Map.entry(
              "keys.env", "[{'': a}, {A=B: a}, {A: null}, {A: [a]}, {A: \"a\\0\"}, [A=b], A=b]"),
          Map.entry("keys.retries", "[-1, 0.5, 1000001, '2', two]"),
          Map.entry(
              "keys.backoff", "[-1, ten, '', 5 minutes, {first: -1}, {first: 1 s, factor: 0.5}]"),
          Map.entry(
              "keys.timeLimit", "[0, -1, '', 10 minutes, 1 min 1 h, 0 s, 5x, 1000000000, true]"),
          Map.entry("keys.priority", "[0, -1, '100', high]"),
          Map.entry(
              "keys.labels", "[{'': a}, {a b: a}, {-a: b}, {a: null}, {a: \"b\\nc\"}, [a], a]"),
          Map.entry("keys.hold", "[yes, 1, 'true']"),
          Map.entry("shell.script", "['', 5]"),
          Map.entry("shell.program", "['', 5]"),
          Map.entry("shell.arguments", "[a, [[a]], [null]]"),
          Map.entry("resources.cpu", "[0, -1, 1000001, 0.00001, '2', two]"),
          Map.entry(
              "resources.memory", "[0, 1024, '', 8, 8 gigs, -1GiB, 0GiB, '1,5GiB', GiB, 8Gib]"),
          Map.entry("resources.gpu", "[0, -1, 1000001, 0.00001, '2']"),
          Map.entry("resources.gpuIds", "['', 'a b', ',', 'a,,b', 0.5, -1, [0]]"),
          Map.entry("resources.capacity", "[0, 1.5, 1000001, '1']"),
          Map.entry(
              "resources.custom",
              "[{cpu: 1}, {CPUs: 1}, {a b: 1}, {a: 0}, {a: '1'}, {'': 1}, [a]]"),
          Map.entry("resources.customIds", "[{memory: a}, {a: ''}, {a: 'b c'}, {a: [b]}, {'': a}]"),
          Map.entry("resources.tokens", "[[gpu], [a b], [''], [5], a]"),
          Map.entry("resources.wallTime", "[0, soon, -1, {hard: 0}, {soft: 1 s, hard: none}]"),
          Map.entry("isolation.localImage", "['', 'a b', 5]"),
          Map.entry("isolation.apptainer", "['', ' ', 'docker://a', 5]"),
          Map.entry("isolation.jvm", "['', a, ./jdk, 5, true]"),
          Map.entry("isolation.network", "['', 'a b', -a, 5]"),
          Map.entry("isolation.user", "['', 'a b', 'a:b:c', 1.5, -1]"),
          Map.entry("isolation.capabilities", "[[a b], [''], NET_RAW, [5]]"),
          Map.entry("isolation.readOnlyRoot", "[yes, 1]"),
          Map.entry("isolation.sharedMemory", "[1, '', big, 0MiB]"),
          Map.entry("isolation.options", "[[a], [''], ['-'], --x]"),
          Map.entry("isolation.flags", "[[''], [' '], [5], -x]"),
          Map.entry("mount.host", "[a, '', 5]"),
          Map.entry("mount.path", "[a, '', /, 5]"),
          Map.entry("mount.readOnly", "[yes, 1]"),
          Map.entry("code.git", "['', ' ', \"a\\nb\", 5]"),
          Map.entry("code.branch", "['', 5]"),
          Map.entry("code.commit", "['', abc, 0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F, 5]"),
          Map.entry("code.path", "[/a, .., ../a, 5]"),
          Map.entry("code.folders", "[[], [a], [''], [5], /a]"),
          Map.entry("environment.venv", "['', /a, .., ../a, 5]"),
          Map.entry("environment.conda", "['', /a, 5]"),
          Map.entry("environment.poetry", "['', /a, 5]"),
          Map.entry("environment.maven", "['', /a, 5]"),
          Map.entry("environment.script", "['', /a, 5]"),
          Map.entry("environment.files", "[{'': a}, {/a: b}, {requirements.txt: 5}, [a]]"),
          Map.entry("environment.inputs", "[[''], [/a], [5], a]"),
          Map.entry("environment.python", "['', 5]"),
          Map.entry("environment.timeLimit", "[0, soon]"),
          Map.entry("backoff.first", "[-1, soon]"),
          Map.entry("backoff.factor", "[0.9, '2']"),
          Map.entry("backoff.most", "[-1, soon]"),
          Map.entry("shipped.bundle", "['', 0f, 5]"),
          Map.entry("shipped.function", "[A, 5]"),
          Map.entry("shipped.arguments", "[A, 5]"),
          Map.entry("wallTime.soft", "[0, soon]"),
          Map.entry("wallTime.hard", "[0, soon]"));

  static Stream<Arguments> values() {
    List<Arguments> all = new ArrayList<>();
    KEYS.forEach((name, keys) -> {
      for (Key key : keys) {
        if (!name.equals("file") && key != Keys.INPUT_JSON) {
          all.add(arguments(name, key.name()));
        }
      }
    });
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("values")
  void wrongValue_isRefused(String definition, String key) {
    JsonNode example = TREE.at("/$defs/" + definition + "/properties/" + key + "/examples/0");
    Set<JsonNode> wrong = new LinkedHashSet<>();
    wrong.add(MAPPER.nullNode());
    wrong.add(parse("{\"no-such-key\": {\"a\": []}}"));
    if (!key.equals("arguments") || definition.equals("shipped")) {
      ArrayNode nested = MAPPER.createArrayNode();
      nested.addArray().addArray();
      wrong.add(nested);
    }
    String listed = WRONG.get(definition + "." + key);
    if (listed != null) {
      yaml(listed).forEach(wrong::add);
    }
    for (JsonNode each : wrong) {
      ObjectNode job = jobWith(definition, key, example);
      replace(job, definition, key, each);
      assertRefused(job);
    }
  }

  private static void replace(ObjectNode job, String definition, String key, JsonNode value) {
    JsonNode group =
        switch (definition) {
          case "keys" -> job;
          case "mount" -> job.path("mounts").path(0);
          case "wallTime" -> job.path("resources").path("wallTime");
          default -> job.path(definition);
        };
    ((ObjectNode) group).set(key, value);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void randomSpec_thatIsChanged_isRefused(long seed) {
    RandomSpecs random = new RandomSpecs(2000 + seed);
    for (int i = 0; i < 25; i++) {
      JobSpec spec = random.next();
      String json = JobSpecs.toJson(spec);
      for (String key : parse(json).propertyNames()) {
        ObjectNode unknown = parse(json);
        unknown.set(key + "s", unknown.remove(key));
        assertRefused(unknown);
        String listed = WRONG.get("keys." + key);
        if (listed != null) {
          for (JsonNode wrong : yaml(listed)) {
            ObjectNode changed = parse(json);
            changed.set(key, wrong);
            assertRefused(changed);
          }
        }
        if (parse(json).path(key) instanceof ObjectNode && KEYS.containsKey(key)) {
          ObjectNode deeper = parse(json);
          ((ObjectNode) deeper.path(key)).put("odd", 1);
          assertRefused(deeper);
        }
      }
    }
  }
}
