package dev.grain.node.isolated;

import dev.grain.message.Isolation;
import dev.grain.node.confine.Confinement;
import dev.grain.node.confine.Enforcement;
import dev.grain.node.prepare.PreparationException;
import dev.grain.node.process.Mark;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Starts JVMs as processes of this machine, of the Java of this process or of another one. */
final class ProcessLauncher implements JvmLauncher {
  private final Enforcement enforcement;
  private final JavaHomes homes = new JavaHomes();

  /**
   * Makes one.
   *
   * @param enforcement keeps the processes to what their jobs hold
   */
  ProcessLauncher(Enforcement enforcement) {
    this.enforcement = enforcement;
  }

  @Override
  public JvmLaunch prepare(Request request)
      throws PreparationException, IOException, InterruptedException {
    String home = request.isolation() instanceof Isolation.Jvm jvm ? jvm.home() : "";
    Path java =
        home.isEmpty()
            ? Path.of(System.getProperty("java.home"), "bin", "java")
            : homes.program(Path.of(home));
    return new Launch(enforcement, request, java.toString(), Mark.unique());
  }

  /**
   * The start of one.
   *
   * @param mark is in its environment
   */
  private record Launch(Enforcement enforcement, Request request, String java, Mark mark)
      implements JvmLaunch {
    private static final String NOTHING = "/dev/null";

    @Override
    public Path folder() {
      return request.folder();
    }

    @Override
    public Path of(Path file) {
      return file;
    }

    @Override
    public RunningJvm start(List<String> words, Path printed) throws IOException {
      Confinement confinement = enforcement.confine(request.allocation(), request.memory());
      boolean runs = false;
      try {
        Process process = confinement.start(words, all -> start(all, printed.toFile()));
        runs = true;
        return new ProcessJvm(process, enforcement, confinement, mark);
      } finally {
        if (!runs) {
          confinement.end();
          mark.killAll();
        }
      }
    }

    private Process start(List<String> words, File printed) throws IOException {
      ProcessBuilder builder =
          new ProcessBuilder(words)
              .redirectInput(new File(NOTHING))
              .redirectOutput(ProcessBuilder.Redirect.appendTo(printed))
              .redirectErrorStream(true);
      request.ready().applyTo(builder.environment());
      builder.environment().put(mark.name(), mark.value());
      return builder.start();
    }
  }
}
