package dev.grain.container;

import dev.grain.image.ImageName;
import dev.grain.message.ContainerSetting;
import dev.grain.message.ContainerSetting.Mount;
import dev.grain.message.Isolation;
import dev.grain.node.isolated.JvmLaunch;
import dev.grain.node.isolated.JvmLauncher;
import dev.grain.node.isolated.RunningJvm;
import dev.grain.node.prepare.PreparationException;
import dev.grain.node.process.Mark;
import dev.grain.node.process.NotPossible;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Starts JVMs for functions in containers. The image brings the Java; the containers have the code
 * and Grain's own classes from this machine, and can change of its files only those in the folder
 * that a JVM shares with the worker. For all threads.
 */
final class ContainerJvms implements JvmLauncher {
  private final Containers containers;
  private final ImageJavas javas;

  ContainerJvms(Containers containers) {
    this.containers = containers;
    this.javas = new ImageJavas(containers);
  }

  @Override
  public JvmLaunch prepare(Request request)
      throws PreparationException, IOException, InterruptedException {
    ContainerSetting wanted =
        ContainerSetting.decode(((Isolation.Container) request.isolation()).setting());
    ContainerSetting setting = wanted.at(request.ready().image());
    String user = setting.user().isEmpty() ? ContainerUser.usual(request.folder()) : setting.user();
    String java = javas.find(setting, user, name(wanted));
    return new Launch(request, setting, user, java);
  }

  /** Returns the name of an image as people know it. */
  private static String name(ContainerSetting setting) {
    return setting.local() ? setting.image() : ImageName.parse(setting.image()).words();
  }

  /** The start of one; only used by one thread. */
  private final class Launch implements JvmLaunch {
    private static final Path FOLDER = Path.of(JobFolder.INSIDE);

    private final Request request;
    private final ContainerSetting setting;
    private final String user;
    private final String java;
    private final SharedFiles files;

    Launch(Request request, ContainerSetting setting, String user, String java) throws IOException {
      this.request = request;
      this.setting = setting;
      this.user = user;
      this.java = java;
      this.files = new SharedFiles(request.folder(), user);
    }

    @Override
    public String java() {
      return java;
    }

    @Override
    public Path folder() {
      return FOLDER;
    }

    @Override
    public Path of(Path file) throws IOException {
      return files.of(file);
    }

    /** All processes of a container end with the first one. */
    @Override
    public @Nullable Mark mark() {
      return null;
    }

    @Override
    public RunningJvm start(List<String> words, Path printed)
        throws PreparationException, IOException {
      files.open();
      List<Mount> mounts = new ArrayList<>(files.mounts());
      mounts.add(new Mount(request.folder().toString(), JobFolder.INSIDE, false));
      ContainerPlan plan =
          new ContainerPlan(
              setting,
              new ContainerPlan.Program(words, true, setting.environment(), "", user, false),
              mounts,
              Map.of(DockerEngine.HEAD_LABEL, request.run()),
              request.allocation(),
              request.memory());
      try {
        ContainerOutput output = ContainerOutput.open(printed, _ -> {});
        ContainerRun run = ContainerRun.start(containers, plan, output);
        return new ContainerJvm(containers.engine(), run, request);
      } catch (NotPossible e) {
        throw PreparationException.everywhere(e.reason());
      }
    }
  }
}
