package dev.grain.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A repository that the program git makes; the test is skipped where there is none. */
public record TestRepository(Path folder) {
  /** Makes one with the branch main and no commit. */
  public static TestRepository init(Path folder) throws IOException {
    assumeTrue(isInstalled("git"), "There is no program git");
    Files.createDirectories(folder);
    TestRepository made = new TestRepository(folder);
    made.git("init", "-q");
    made.git("symbolic-ref", "HEAD", "refs/heads/main");
    return made;
  }

  static boolean isInstalled(String program) {
    for (String folder : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
      if (Files.isExecutable(Path.of(folder.isEmpty() ? "." : folder, program))) {
        return true;
      }
    }
    return false;
  }

  public String url() {
    return "file://" + folder;
  }

  /** Runs git there, without anybody's configuration; returns what it prints. */
  String git(String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of("git", "-c", "protocol.file.allow=always", "-C", folder.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    isolate(builder.environment(), folder);
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.onExit().join().exitValue()).as("%s: %s", command, output).isZero();
    return output.strip();
  }

  static void isolate(Map<String, String> environment, Path home) {
    environment.keySet().removeIf(each -> each.startsWith("GIT_"));
    environment.put("GIT_CONFIG_GLOBAL", "/dev/null");
    environment.put("GIT_CONFIG_NOSYSTEM", "1");
    environment.put("HOME", home.toString());
    for (String who : List.of("AUTHOR", "COMMITTER")) {
      environment.put("GIT_" + who + "_NAME", "Somebody");
      environment.put("GIT_" + who + "_EMAIL", "somebody@example.org");
    }
  }

  public TestRepository write(String path, String text) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    return this;
  }

  /** Commits all that is there; returns the commit. */
  public String commit() throws IOException {
    git("add", "-A", "-f");
    git("commit", "-q", "--allow-empty", "-m", "change");
    return git("rev-parse", "HEAD");
  }
}
