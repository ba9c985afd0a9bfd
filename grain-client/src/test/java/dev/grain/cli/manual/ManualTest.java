package dev.grain.cli.manual;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.cli.CommandLines;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What shells and {@code man} are told of the commands. */
final class ManualTest {
  @TempDir private Path folder;

  private static String run(int code, Object command, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(out, true, UTF_8);
    assertThat(CommandLines.of(command, stream, stream).execute(arguments)).isEqualTo(code);
    return out.toString(UTF_8);
  }

  /** Returns what bash offers for the last of some words. */
  private Set<String> completions(String... words) throws Exception {
    Path script = folder.resolve("completion");
    Files.writeString(script, run(0, new CompletionCommand(), "bash"));
    // what bash has only while it completes
    String lines =
        "compopt() { :; }; source %s; COMP_WORDS=(%s); COMP_CWORD=%s; _complete_grain; printf '%%s\\n' \"${COMPREPLY[@]}\""
            .formatted(script, String.join(" ", words), words.length - 1);
    Process bash = new ProcessBuilder("bash", "-c", lines).redirectErrorStream(true).start();
    bash.getOutputStream().close();
    String printed = new String(bash.getInputStream().readAllBytes(), UTF_8);
    assertThat(bash.waitFor()).as(printed).isZero();
    return printed.lines().map(String::strip).collect(Collectors.toSet());
  }

  @Test
  void bash_completesCommandsAndOptions() throws Exception {
    assertThat(completions("grain", "p")).containsExactlyInAnyOrder("pause", "priority");
    assertThat(completions("grain", "wor")).containsExactlyInAnyOrder("worker", "workers");
    assertThat(completions("grain", "users", "r")).containsExactlyInAnyOrder("remove", "role");
    assertThat(completions("grain", "head", "st")).contains("start", "stop", "status");
    assertThat(completions("grain", "list", "--st")).containsExactly("--state");
    assertThat(completions("grain", "users", "list", "--js")).containsExactly("--json");
    assertThat(completions("grain", "run", "--sh")).contains("--shell");
  }

  @Test
  void completion_forAnotherShell_saysWhatThereIs() {
    assertThat(run(0, new CompletionCommand(), "zsh")).contains("bashcompinit");
    assertThat(run(2, new CompletionCommand(), "fish")).contains("use bash or zsh");
  }

  @Test
  void man_writesAPageForEachCommand() throws IOException {
    assertThat(run(0, new ManCommand(), folder.toString())).contains("pages to " + folder);
    Path section = folder.resolve("man1");
    assertThat(section.resolve("grain-cancel.1")).exists();
    assertThat(section.resolve("minionize.1")).exists();
    String page = Files.readString(section.resolve("grain-users.1"));
    assertThat(page)
        .startsWith(".TH \"GRAIN\\-USERS\" 1")
        .contains("grain\\-users \\- Lists and changes who may use a head\n")
        .contains(".nf\n  grain users add bob \\-\\-role submit\n")
        .contains(".SH GRAIN USERS ADD\n.nf\ngrain users add")
        .contains(".SS OPTIONS\n.TP\n\\fBNAME\\fR\nThe user.\n")
        .contains("\\fB\\-\\-head URL\\fR\n")
        .contains(".SH \"EXIT STATUS\"\n.TP\n\\fB0\\fR\ndone\n");
    List<String> requests = List.of(".TH", ".SH", ".SS", ".TP", ".PP", ".nf", ".fi", ".nh", ".ad");
    try (var pages = Files.list(section)) {
      for (Path each : pages.toList()) {
        assertThat(Files.readAllLines(each))
            .as(each.toString())
            .filteredOn(line -> line.startsWith(".") || line.startsWith("'"))
            .allMatch(line -> requests.contains(line.split(" ", 2)[0]));
      }
    }
    Path file = Files.writeString(folder.resolve("file"), "");
    assertThat(run(1, new ManCommand(), file.toString())).contains("cannot be written to");
  }
}
