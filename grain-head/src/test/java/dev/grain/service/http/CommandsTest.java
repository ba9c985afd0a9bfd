package dev.grain.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.cli.head.Typed;
import dev.grain.cli.head.Typed.Printed;
import dev.grain.client.HeadLocation;
import dev.grain.key.ServerKey;
import dev.grain.service.store.JobState;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands around a head, as people type them. */
final class CommandsTest extends Served {
  private static final JsonMapper MAPPER = new JsonMapper();

  private final Typed typed = new Typed();

  @BeforeEach
  void logIn() {
    typed
        .set("XDG_CONFIG_HOME", folder.resolve("config").toString())
        .set("XDG_DATA_HOME", folder.resolve("share").toString())
        .set("GRAIN_HEAD", "http://127.0.0.1:" + server.port());
    become("ada");
  }

  private void become(String user) {
    typed.set("GRAIN_TOKEN", tokenOf(user));
  }

  private String submit(String json) {
    return submit("ada", json);
  }

  private static List<JsonNode> json(Printed printed) {
    return printed.lines().stream().map(MAPPER::readTree).toList();
  }

  private Printed run(int code, String line) {
    Printed printed = typed.run(line);
    assertThat(printed.code()).as(line + printed.out() + printed.err()).isEqualTo(code);
    return printed;
  }

  // ---------------------------------------------------------------- looking

  @Test
  void list_printsTheJobs_theNewestFirst() {
    assertThat(run(0, "list").err()).isEqualTo("There are no such jobs.\n");
    submit("{\"id\": \"a\", \"name\": \"train\", \"command\": [\"x\"]}");
    submit("{\"id\": \"b\", \"command\": [\"x\"], \"hold\": true}");
    Printed all = run(0, "list jobs");
    assertThat(all.lines()).hasSize(3);
    assertThat(all.lines().get(0)).matches("ID {2}NAME {3}STATE {3}SUBMITTED {12}RUN TIME {2}END");
    assertThat(all.lines().get(1))
        .matches("b {10}HELD {4}\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d");
    assertThat(all.lines().get(2)).startsWith("a   train  QUEUED  ");
    assertThat(all.err()).isEmpty();

    become("root");
    submit("bob", "{\"id\": \"c\", \"command\": [\"x\"]}");
    assertThat(run(0, "list").lines().getFirst()).startsWith("ID  NAME   OWNER  STATE");
    assertThat(run(0, "list --owner bob").lines()).hasSize(2);
  }

  @Test
  void list_withFilters_printsWhatTheyMean() {
    submit(
        "{\"id\": \"a\", \"name\": \"train-1\", \"command\": [\"x\"], \"labels\": {\"m\": \"g=1\"}}");
    submit("{\"id\": \"b\", \"name\": \"test\", \"command\": [\"x\"], \"hold\": true}");
    submit("{\"id\": \"c\", \"command\": [\"x\"]}");
    run(0, "cancel c");
    assertThat(ids("list --json --queued")).containsExactly("b", "a");
    assertThat(ids("list --json --running")).containsExactly("c");
    assertThat(ids("list --json --finished")).isEmpty();
    assertThat(ids("list --json --finished --queued")).containsExactly("b", "a");
    assertThat(ids("list --json --state held,STOPPING")).containsExactly("c", "b");
    assertThat(ids("list --json --name train*")).containsExactly("a");
    assertThat(ids("list --json -n test")).containsExactly("b");
    assertThat(ids("list --json --label m=g=1")).containsExactly("a");
    assertThat(ids("list --json --since 1h")).hasSize(3);
    Printed two = run(0, "list --json --limit 2");
    assertThat(two.lines()).hasSize(2);
    assertThat(two.err()).isEqualTo("These are the newest 2. --limit 20 shows more.\n");
    assertThat(run(0, "list --limit 3").err()).isEmpty();
  }

  private List<String> ids(String line) {
    return json(run(0, line)).stream().map(each -> each.get("id").stringValue()).toList();
  }

  @Test
  void list_inATerminal_fitsIntoIt() {
    String name = "n".repeat(150);
    submit(
        "{\"id\": \"the-id-of-this-job\", \"name\": \"%s\", \"command\": [\"x\"]}".formatted(name));
    assertThat(run(0, "list").out()).contains(name);
    typed.widen(80);
    Printed printed = run(0, "list");
    assertThat(printed.lines()).allSatisfy(each -> assertThat(each.length()).isLessThan(81));
    assertThat(printed.lines().get(1)).contains("the-id-of-this-job  nnn").contains("n...  QUEUED");
  }

  @Test
  void listToWatch_printsWhatChanges() {
    submit("{\"id\": \"a\", \"command\": [\"x\"]}");
    submit("{\"id\": \"b\", \"command\": [\"x\"]}");
    typed.betweenRounds(() -> post("ada", "/jobs/a/pause", "{}").ensure(200));
    assertThat(json(run(0, "list --watch --json")))
        .extracting(each -> each.get("id").stringValue() + " " + each.get("state").stringValue())
        .containsExactly("a QUEUED", "b QUEUED", "a HELD");
    typed.betweenRounds(() -> post("ada", "/jobs/a/resume", "{}").ensure(200));
    Printed table = run(0, "list -w");
    assertThat(table.lines()).hasSize(8);
    assertThat(table.lines().getFirst()).startsWith("2 jobs, ");
    assertThat(table.out()).doesNotContain("\u001b");
  }

  @Test
  void listToWatch_goesOnWhileTheHeadIsAway() {
    typed.betweenRounds(server::close);
    Printed printed = run(0, "list --watch");
    assertThat(printed.err()).contains("grain list: Nothing accepts connections at http://");
  }

  @Test
  void info_printsAllThatIsKnown_byASuffix() {
    String id =
        submit(
            "{\"name\": \"train\", \"command\": [\"python3\", \"a b.py\"], \"labels\": {\"m\": \"gpt\"}}");
    String suffix = id.substring(id.length() - 3);
    Printed printed = run(0, "info " + suffix);
    assertThat(printed.out())
        .contains("id:           " + id)
        .contains("name:         train")
        .contains("state:        QUEUED")
        .contains("priority:     100")
        .contains("label:        m=gpt")
        .contains("spec:\n  ")
        .contains("a b.py")
        .doesNotContain("message:");
    JsonNode json = json(run(0, "info --json " + id)).getFirst();
    assertThat(json.at("/spec/command/1").stringValue()).isEqualTo("a b.py");
    assertThat(json.at("/labels/m").stringValue()).isEqualTo("gpt");
    assertThat(json.at("/attempts").isArray()).isTrue();
    assertThat(run(0, "explain " + id).out()).startsWith(id + ": QUEUED. ");
    assertThat(json(run(0, "explain --json " + id)).getFirst().get("text").isString()).isTrue();
  }

  // ---------------------------------------------------------------- changing

  @Test
  void jobs_areChanged_severalAtOnce_evenIfOneIsMissing() {
    submit("{\"id\": \"job-a\", \"command\": [\"x\"]}");
    submit("{\"id\": \"job-b\", \"command\": [\"x\"]}");
    assertThat(run(0, "pause job-a job-b").lines()).containsExactly("job-a: HELD", "job-b: HELD");
    assertThat(run(0, "resume b-a").lines()).containsExactly("job-a: QUEUED");
    assertThat(run(0, "priority 0.5 job-a job-b").lines()).hasSize(2);
    assertThat(stored("job-b").priority()).isEqualTo(0.5);
    Printed cancelled = run(1, "cancel --json job-a nothing job-b");
    assertThat(json(cancelled))
        .extracting(each -> each.get("id").stringValue())
        .containsExactly("job-a", "job-b");
    assertThat(cancelled.err())
        .isEqualTo(
            "grain cancel: nothing: there is none. 'grain list' lists the jobs that you may see.\n");
    assertThat(stored("job-b").state()).isEqualTo(JobState.STOPPING);
    become("bob");
    run(1, "cancel job-a");
    become("eve");
    assertThat(run(1, "cancel job-a").err()).contains("eve has the role read, but this needs");
  }

  @Test
  void users_areAddedAndRemoved_withTokens() {
    become("root");
    assertThat(run(0, "users add zoe --role submit").out()).isEqualTo("zoe: submit\n");
    assertThat(run(1, "users add zoe --role read").err()).startsWith("grain users add: ");
    Printed made = run(0, "tokens add laptop --owner zoe --expires 90d");
    assertThat(made.lines()).hasSize(1);
    assertThat(made.err()).matches("This is token \\d+, for zoe\\. .*\n");
    assertThat(run(0, "users role zoe read").out()).isEqualTo("zoe: read\n");
    assertThat(run(0, "users list").out()).contains("NAME", "zoe   read    2");
    assertThat(run(0, "list users").out()).isEqualTo(run(0, "users list").out());
    Printed listed = run(0, "tokens list --owner zoe");
    assertThat(listed.out()).contains("laptop").doesNotContain(made.out().strip());
    assertThat(run(0, "list tokens --owner zoe").out()).isEqualTo(listed.out());
    JsonNode token = json(run(0, "list tokens --owner zoe --json")).getFirst();
    typed.set("GRAIN_TOKEN", made.out().strip());
    run(0, "tokens list");
    become("root");
    assertThat(run(0, "tokens revoke " + token.get("number")).out()).isEmpty();
    typed.set("GRAIN_TOKEN", made.out().strip());
    assertThat(run(3, "list").err()).contains("does not accept the token").contains("grain login");
    become("root");
    JsonNode json = json(run(0, "tokens add --json ci")).getFirst();
    assertThat(json.get("token").stringValue()).isNotEmpty();
    assertThat(json.get("owner").stringValue()).isEqualTo("root");
    run(0, "users remove zoe");
    assertThat(run(1, "users remove zoe").err()).contains("zoe: ");
  }

  // ---------------------------------------------------------------- mistakes

  @Test
  void commandLine_thatIsWrong_saysWhatIsRight() {
    assertThat(run(2, "list --stat QUEUED").err()).contains("did you mean --state?");
    assertThat(run(2, "list --state RUNING").err()).contains("'RUNING' is no state of a job; use");
    assertThat(run(2, "list disks").err()).contains("use one of jobs, nodes, users, tokens");
    assertThat(run(2, "list job").err()).contains("did you mean jobs?");
    assertThat(run(2, "list users --running").err()).contains("Only jobs can be");
    assertThat(run(2, "list --limit 0").err()).contains("has to be from 1 to 1000000");
    assertThat(run(2, "list --since yesterday").err()).contains("is not a time");
    assertThat(run(2, "cancel").err()).contains("ID");
    assertThat(run(2, "priority 0 abc").err()).contains("has to be more than 0");
    assertThat(run(2, "priority high abc").err()).contains("is not a number");
    assertThat(run(2, "users").err()).contains("the command is missing; use one of");
    assertThat(run(2, "users ad bob").err()).contains("did you mean add?");
    assertThat(run(0, "cancel --help").out())
        .contains("grain cancel abc xyz", "Exit codes:", "3   ");
    assertThat(run(0, "tokens add --help").out()).contains("--expires=TIME");
  }

  @Test
  void head_thatIsNotThere_isExplained() throws IOException {
    typed.set("GRAIN_HEAD", "http://127.0.0.1:" + freePort());
    assertThat(run(3, "cancel a b").err())
        .startsWith("grain cancel: Nothing accepts connections at http://127.0.0.1");
    assertThat(run(3, "cancel a b").err().lines()).hasSize(1);
    typed.unset("GRAIN_TOKEN");
    assertThat(run(3, "list").err())
        .startsWith("grain list: There is no token for the head at http://127.0.0.1:")
        .contains("--token-file or GRAIN_TOKEN");
    typed.unset("GRAIN_HEAD");
    assertThat(run(3, "list").err())
        .startsWith("grain list: No head is known: none runs for this user here")
        .contains(folder.resolve("share/grain/head").toString())
        .contains("grain head start --local", "grain login URL", "--head URL");

    Path own = HeadLocation.ownFolder(typed.variables());
    var _ = ServerKey.loadOrCreate(own, List.of());
    Files.writeString(own.resolve("admin.token"), "grain_x");
    Files.writeString(own.resolve("https.url"), "https://127.0.0.1:" + freePort());
    assertThat(run(3, "list").err())
        .contains("The head that this user ran here does not answer")
        .contains("Start it by 'grain head start'");
    typed.set("GRAIN_HEAD", "https://a/b");
    assertThat(run(2, "list").err()).contains("has more than a host and a port");
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Test
  void flags_nameTheHead_andTheToken() throws IOException {
    typed.unset("GRAIN_HEAD").unset("GRAIN_TOKEN");
    Path file = Files.writeString(folder.resolve("token"), tokenOf("ada") + "\n");
    String head = " --head http://127.0.0.1:" + server.port();
    run(0, "list --token-file " + file + head);
    assertThat(run(2, "list --token-file missing" + head).err()).contains("cannot be read");
    become("root");
    run(0, "users list" + head);
  }

  // ---------------------------------------------------------------- logging in

  private interface WithHead {
    void run(ServerKey key, String url) throws IOException;
  }

  private void secured(WithHead action) throws IOException {
    typed.unset("GRAIN_HEAD").unset("GRAIN_TOKEN");
    ServerKey key = ServerKey.loadOrCreate(folder.resolve("data"), List.of());
    HttpSettings settings = new HttpSettings("127.0.0.1", 0, Optional.of(key));
    try (HttpServer secured = HttpServer.start(settings, services())) {
      action.run(key, "https://127.0.0.1:" + secured.port());
    }
  }

  @Test
  void login_trustsTheKey_thatTheUserHasCompared() throws IOException {
    secured((key, url) -> {
      typed.answer("no");
      Printed refused = run(3, "login " + url);
      assertThat(refused.err()).contains(key.fingerprint()).contains("Nothing was sent");
      typed.answer("yes", tokenOf("ada"));
      assertThat(run(0, "login " + url).out())
          .isEqualTo("Logged in at %s as ada, with the role submit.%n".formatted(url));
      run(0, "list");
      assertThat(run(0, "logout").out()).contains("Logged out of " + url);
      assertThat(run(0, "logout").out()).contains("Nobody was logged in");
      run(3, "list");
    });
  }

  @Test
  void login_withoutATerminal_takesTheTokenFromStandardInput() throws IOException {
    secured((key, url) -> {
      typed.pipe(tokenOf("ada") + "\nmore\n");
      assertThat(run(3, "login " + url).err())
          .contains("It shows " + key.fingerprint())
          .contains("--fingerprint");
      run(0, "login %s --fingerprint %s".formatted(url, key.fingerprint()));
      run(0, "list --head " + url);
      typed.pipe("");
      assertThat(run(2, "login %s --fingerprint %s".formatted(url, key.fingerprint())).err())
          .contains("There is no token");
      typed.pipe("grain_wrong");
      assertThat(run(3, "login %s --fingerprint %s".formatted(url, key.fingerprint())).err())
          .contains("does not accept the token");
      String other = "SHA256:" + "x".repeat(43);
      assertThat(run(3, "login %s --fingerprint %s".formatted(url, other)).err())
          .contains("has the key " + key.fingerprint())
          .contains("pretends to be the head");
      assertThat(run(2, "login %s --fingerprint abc".formatted(url)).err())
          .contains("is not the fingerprint");
      // what was kept is as it was
      run(0, "list");
      assertThat(run(3, "list --fingerprint " + other).err()).contains("pretends to be the head");
    });
  }
}
