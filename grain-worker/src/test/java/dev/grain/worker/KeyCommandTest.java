package dev.grain.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KeyCommandTest {
  private static final String FINGERPRINT = "SHA256:\\S{43}";

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Path key;

  @BeforeEach
  void nameFile() {
    key = folder.resolve("cluster.key");
  }

  private int execute(String... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    return GrainCommand.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  private int key(String action) {
    return execute("key", action, "--key", key.toString());
  }

  private List<String> printed() {
    return out.toString().lines().toList();
  }

  /** Returns the fingerprint that create has printed. */
  private String made() {
    Matcher matcher = Pattern.compile(FINGERPRINT).matcher(out.toString());
    assertThat(matcher.find()).isTrue();
    return matcher.group();
  }

  @Test
  void create_makesAKey_andShowTellsIt() {
    assertThat(key("create")).isZero();
    assertThat(printed().getFirst())
        .matches("Created the cluster key " + FINGERPRINT + " in \\Q" + key + "\\E\\.");
    String made = made();
    assertThat(key("show")).isZero();
    assertThat(printed()).hasSize(2).first().isEqualTo(key.toString());
    assertThat(printed().getLast()).matches("  \\Q" + made + "\\E  made 20\\S+Z  offered");
  }

  @Test
  void show_tellsNothingSecret() throws IOException {
    key("create");
    key("show");
    for (String line : Files.readAllLines(key)) {
      if (line.matches("[A-Za-z0-9+/=]{20,}")) {
        assertThat(out.toString()).doesNotContain(line);
      }
    }
  }

  @Test
  void create_whereThereIsOne_leavesItAlone() throws IOException {
    key("create");
    String before = Files.readString(key);
    assertThat(key("create")).isEqualTo(ExitCode.KEY.number());
    assertThat(err.toString()).startsWith("grain key: " + key + " already exists. ");
    assertThat(Files.readString(key)).isEqualTo(before);
  }

  @Test
  void rotate_offersANewKey_andAcceptsTheOld() {
    key("create");
    String old = made();
    assertThat(key("rotate")).isZero();
    assertThat(printed().getFirst())
        .matches(
            "\\Q"
                + key
                + "\\E now offers "
                + FINGERPRINT
                + " and still accepts \\Q"
                + old
                + "\\E\\.");
    assertThat(key("show")).isZero();
    assertThat(printed()).hasSize(3);
    assertThat(printed().get(1)).endsWith("  offered");
    assertThat(printed().get(2)).startsWith("  " + old).endsWith("  accepted");
  }

  @Test
  void show_withoutAKey_saysWhatToDo() {
    assertThat(key("show")).isEqualTo(ExitCode.KEY.number());
    assertThat(err.toString())
        .isEqualTo(
            "grain key: There is no cluster key at "
                + key
                + ". Create one (grain key create), or copy the one that the other machines "
                + "use.\n");
  }

  @Test
  void action_unknown_namesTheNearest() {
    assertThat(execute("key", "creat")).isEqualTo(ExitCode.USAGE.number());
    assertThat(err.toString()).contains("'creat'; did you mean create?");
    assertThat(execute("key")).isEqualTo(ExitCode.USAGE.number());
    assertThat(err.toString()).startsWith("grain key: missing command: create, show or rotate\n");
    assertThat(execute("key", "show", "--kye", "x")).isEqualTo(ExitCode.USAGE.number());
    assertThat(err.toString()).contains("did you mean --key?");
  }

  @Test
  void grain_withoutACommand_saysWhatThereIs() {
    assertThat(execute()).isEqualTo(ExitCode.USAGE.number());
    assertThat(err.toString()).startsWith("grain: missing command: run, worker, workers or key\n");
  }

  @Test
  void workers_withKeyAndInsecure_isRefused() {
    assertThat(execute("workers", "h:1", "--key", "k", "--insecure"))
        .isEqualTo(ExitCode.USAGE.number());
    assertThat(err.toString()).startsWith("grain workers: --key and --insecure exclude each other");
  }

  @Test
  void workers_withoutUsableKey_saysSo() {
    assertThat(execute("workers", "h:1", "--key", key.toString())).isEqualTo(ExitCode.KEY.number());
    assertThat(err.toString()).startsWith("grain workers: There is no cluster key at " + key);
  }

  @Test
  void workers_withWrongAddress_isRefused() {
    assertThat(execute("workers", "h1")).isEqualTo(ExitCode.USAGE.number());
    assertThat(err.toString()).contains("The address \"h1\" has no port");
  }
}
