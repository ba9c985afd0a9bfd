package dev.grain.worker;

import dev.grain.key.ClusterKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The commands around the file of the cluster key. They never show what is secret in it. */
@Command(
    name = "key",
    description = {
      "Makes, shows and rotates the cluster key: the file without which nobody gets in.",
      "Whoever has it can run programs on every worker that has it."
    },
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "2:something on the command line is wrong",
      "5:the key cannot be read, made or changed"
    })
final class KeyCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Option(
      names = "--key",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "The file. Default: grain/cluster.key in your folder of configuration.")
  private @Nullable Path file;

  /** What is done with a file. */
  @FunctionalInterface
  private interface Action {
    void on(Path file) throws IOException;
  }

  @SuppressWarnings("NullAway.Init") // picocli sets the others
  KeyCommand() {}

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "say what to do with the key: create, show or rotate");
  }

  @Command(name = "create", description = "Makes a key where there is none.")
  int create() {
    return perform(file -> {
      ClusterKey key = ClusterKey.create(file);
      out().println("Made the cluster key " + fingerprints(key).getFirst() + " in " + file + ".");
      out().println("Copy the file to the other machines, and keep it readable by you alone.");
    });
  }

  @Command(name = "show", description = "Prints where the key is and by what it is recognised.")
  int show() {
    return perform(file -> {
      ClusterKey key = ClusterKey.load(file);
      out().println(file);
      String use = "offered";
      for (ClusterKey.Description pair : key.describe()) {
        out().println("  " + pair.fingerprint() + "  made " + pair.made() + "  " + use);
        use = "accepted";
      }
    });
  }

  @Command(
      name = "rotate",
      description =
          "Puts a new key before those in the file, which are accepted until they are removed from "
              + "it.")
  int rotate() {
    return perform(file -> {
      List<String> fingerprints = fingerprints(ClusterKey.rotate(file));
      out()
          .println(
              "%s now offers %s and still accepts %s."
                  .formatted(
                      file,
                      fingerprints.getFirst(),
                      String.join(", ", fingerprints.subList(1, fingerprints.size()))));
      out()
          .println(
              "Copy it to the other machines and start their workers again; when all have it,"
                  + " remove the old blocks from it.");
    });
  }

  private static List<String> fingerprints(ClusterKey key) {
    return key.describe().stream().map(ClusterKey.Description::fingerprint).toList();
  }

  private int perform(Action action) {
    try {
      action.on(file == null ? ClusterKey.defaultPath() : file);
      out().flush();
      return ExitCode.ENDED.number();
    } catch (IOException e) {
      spec.commandLine().getErr().println("grain key: " + e.getMessage());
      return ExitCode.KEY.number();
    }
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
