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
      "Creates, shows and rotates the cluster key, the file that programs and workers need "
          + "to connect.",
      "Anyone who has the key can run code on every worker that uses it."
    },
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "2:the command line is wrong",
      "5:the key cannot be read, created or changed"
    })
final class KeyCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Option(
      names = "--key",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "The key file. Default: grain/cluster.key in your configuration directory.")
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
    throw new ParameterException(spec.commandLine(), "missing command: create, show or rotate");
  }

  @Command(name = "create", description = "Creates a key if there is none.")
  int create() {
    return perform(file -> {
      ClusterKey key = ClusterKey.create(file);
      out()
          .println("Created the cluster key " + fingerprints(key).getFirst() + " in " + file + ".");
      out().println("Copy the file to the other machines, and keep it readable only by you.");
    });
  }

  @Command(name = "show", description = "Prints the path and the fingerprint of the key.")
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
      description = "Adds a new key to the file. The old keys are accepted until you remove them.")
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
              "Copy the file to the other machines and restart their workers. When all have "
                  + "it, remove the old keys from the file.");
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
