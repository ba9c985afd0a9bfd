package dev.grain.cli;

import dev.grain.Code;
import dev.grain.Credentials;
import dev.grain.Environment;
import dev.grain.Isolation;
import dev.grain.JobOptions;
import dev.grain.RunOptions;
import dev.grain.Secret;
import dev.grain.image.ImageName;
import dev.grain.message.EnvironmentKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The flags for where the programs of jobs run: the checkout, the environment, the container and
 * the folder. Picocli sets them once, before anybody reads them.
 *
 * <p>Methods throw an {@link IllegalArgumentException} with a sentence if a flag is wrong.
 */
public final class PlaceFlags {
  private static final Pattern VARIABLE = Pattern.compile("[^=\0]+");
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");
  private static final String READ_ONLY = ":ro";
  private static final String WRITABLE = ":rw";

  @Option(
      names = "--env",
      paramLabel = "NAME=VALUE|FILE",
      description =
          "Set an environment variable of the jobs, or install what a file defines before they"
              + " start: requirements.txt, environment.yml, pyproject.toml or a script, setup.sh."
              + " With --git, the file is in the repository.")
  private List<String> environment = new ArrayList<>();

  @Option(
      names = "--git",
      paramLabel = "URL[@REF]",
      description =
          "Run the jobs in a checkout of this repository: of a branch, a tag as refs/tags/NAME, or"
              + " a commit. Default: the branch main.")
  private @Nullable String git;

  @Option(
      names = "--path",
      paramLabel = "FOLDER",
      description = "Run the jobs in this folder of the repository.")
  private @Nullable String pathInRepo;

  @Option(
      names = "--image",
      paramLabel = "NAME[:TAG]",
      description =
          "Run each job in a container of this image; NAME@sha256:... is also possible. Needs Docker"
              + " or Podman where jobs run. On this machine and without --git, jobs run in the current"
              + " directory, which containers have at the same path.")
  private @Nullable String image;

  @Option(
      names = "--local-image",
      paramLabel = "NAME",
      description = "Like --image, but the engine has the image already, and it is never pulled.")
  private @Nullable String localImage;

  @Option(
      names = "--mount",
      paramLabel = "HOST[:PATH][:ro]",
      description =
          "Give the containers this file or folder of the machine where jobs run, at PATH. Default:"
              + " at the same path. With :ro, they cannot change it.")
  private List<String> mounts = new ArrayList<>();

  @Option(
      names = {"--working-dir", "--wd", "--workdir"},
      paramLabel = "FOLDER",
      description = "Run the jobs in this folder.")
  private @Nullable Path folder;

  /** Makes flags that are not set. */
  public PlaceFlags() {}

  /** Ensures that the flags make sense together. */
  public void ensureConsistent() {
    if (pathInRepo != null && git == null) {
      throw new IllegalArgumentException("--path needs --git, which is missing.");
    }
    if (image != null && localImage != null) {
      throw new IllegalArgumentException(
          "--image and --local-image exclude each other. Remove one of them.");
    }
    var _ = ofImage();
    if (!mounts.isEmpty() && !inContainers()) {
      throw new IllegalArgumentException("--mount needs --image, which is missing.");
    }
    String definition = definition();
    if (definition != null && inContainers()) {
      throw new IllegalArgumentException(
          "--env %s installs packages on the machine, but the jobs run in containers. Use an image"
                  .formatted(definition)
              + " that contains them.");
    }
  }

  /** Returns whether jobs have their programs from anywhere else than this machine as it is. */
  public boolean bringsPrograms() {
    return inContainers() || git != null || definition() != null;
  }

  private boolean inContainers() {
    return image != null || localImage != null;
  }

  /** Returns what tells the jobs of these flags from those with other code, for a journal. */
  public List<String> origin() {
    return Stream.of(git, pathInRepo, definition(), image, localImage)
        .filter(Objects::nonNull)
        .toList();
  }

  // ---------------------------------------------------------------- variables and environments

  /** Returns the variables of the jobs. */
  public Map<String, String> variables() {
    Map<String, String> variables = new LinkedHashMap<>();
    for (String each : environment) {
      int equals = each.indexOf('=');
      if (equals >= 0) {
        if (!VARIABLE.matcher(each.substring(0, equals)).matches()) {
          throw new IllegalArgumentException("--env: '%s' is not NAME=VALUE".formatted(each));
        }
        variables.put(each.substring(0, equals), each.substring(equals + 1));
      }
    }
    return variables;
  }

  /** Returns the file that defines what is installed for the jobs; null for none. */
  private @Nullable String definition() {
    List<String> files = environment.stream().filter(each -> each.indexOf('=') < 0).toList();
    if (files.size() > 1) {
      throw new IllegalArgumentException(
          "--env: a job has one environment, but there are two files, %s and %s."
              .formatted(files.get(0), files.get(1)));
    }
    if (files.isEmpty()) {
      return null;
    }
    String file = files.getFirst();
    try {
      var _ = EnvironmentKind.ofFile(file.substring(file.lastIndexOf('/') + 1));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "--env: '%s' is not NAME=VALUE, nor a file that defines an environment: requirements*.txt,"
                  .formatted(file)
              + " environment.yml, pyproject.toml or a script, *.sh");
    }
    return file;
  }

  // ---------------------------------------------------------------- jobs

  /**
   * Returns the options of jobs that have what the flags name.
   *
   * @param here the folder that paths of this machine are relative to
   * @param remote whether jobs run on workers, whose files are not those of this machine
   */
  public JobOptions addTo(JobOptions options, Path here, boolean remote) {
    JobOptions changed = options;
    Code.Git code = code();
    if (code != null) {
      changed = changed.code(code);
    }
    String definition = definition();
    if (definition != null) {
      changed =
          changed.environment(
              code == null ? Environment.of(here.resolve(definition)) : Environment.of(definition));
    }
    Isolation.Container container = container(here, remote);
    return container == null ? changed : changed.in(container);
  }

  /** Returns whether jobs run in a checkout of their own. */
  public boolean hasCode() {
    return git != null;
  }

  /** Returns where the jobs have their code from; null for nowhere. */
  private Code.@Nullable Git code() {
    if (git == null) {
      return null;
    }
    // the @ of a user is before the path
    int at = git.lastIndexOf('@');
    boolean named = at > Math.max(git.lastIndexOf('/'), git.lastIndexOf(':'));
    String reference = named ? git.substring(at + 1) : "";
    Code.Git code = Code.git(named ? git.substring(0, at) : git);
    if (named) {
      code = COMMIT.matcher(reference).matches() ? code.commit(reference) : code.branch(reference);
    }
    return pathInRepo == null ? code : code.pathInRepo(pathInRepo);
  }

  /** Returns the options of a run that can pull the image. */
  public RunOptions addTo(RunOptions options) {
    return image == null
        ? options
        : options.credentials(
            Credentials.docker(ImageName.parse(image).registry(), Secret.dockerConfig()));
  }

  /**
   * Returns the folder where jobs run; null for where they do by themselves.
   *
   * @param here the folder that paths of this machine are relative to
   * @param remote whether jobs run on workers
   */
  public @Nullable Path workingDir(Path here, boolean remote) {
    if (!inContainers() || !hasFolder(here, remote)) {
      return folder;
    }
    return folder == null ? here : here.resolve(folder);
  }

  // ---------------------------------------------------------------- containers

  private Isolation.@Nullable Container container(Path here, boolean remote) {
    Isolation.Container container = ofImage();
    if (container == null) {
      return null;
    }
    boolean mounted = false;
    for (String each : mounts) {
      Mount mount = Mount.parse(each, here, remote);
      mounted |= Path.of(mount.path()).normalize().equals(here);
      container = mounted(container, mount, each);
    }
    return hasFolder(here, remote) && !mounted ? container.mount(here, here.toString()) : container;
  }

  private Isolation.@Nullable Container ofImage() {
    try {
      return localImage != null
          ? Isolation.localImage(localImage)
          : image != null ? Isolation.container(image) : null;
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          (image == null ? "--local-image: " : "--image: ") + e.getMessage(), e);
    }
  }

  private static Isolation.Container mounted(
      Isolation.Container container, Mount mount, String text) {
    try {
      return mount.readOnly()
          ? container.mountReadOnly(mount.host(), mount.path())
          : container.mount(mount.host(), mount.path());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--mount %s: %s".formatted(text, e.getMessage()), e);
    }
  }

  /** Returns whether the containers have the current directory, and run in it. */
  private boolean hasFolder(Path here, boolean remote) {
    return !remote && git == null && here.getNameCount() > 0;
  }

  /**
   * What containers have of the machine.
   *
   * @param path where they have it
   */
  private record Mount(Path host, String path, boolean readOnly) {
    static Mount parse(String text, Path here, boolean remote) {
      boolean readOnly = text.endsWith(READ_ONLY);
      String places =
          readOnly || text.endsWith(WRITABLE)
              ? text.substring(0, text.length() - READ_ONLY.length())
              : text;
      int colon = places.indexOf(':');
      String host = colon < 0 ? places : places.substring(0, colon);
      if (host.isEmpty() || places.indexOf(':', colon + 1) > colon) {
        throw new IllegalArgumentException(
            "--mount: '%s' is not HOST[:PATH][:ro], as in data:/data:ro".formatted(text));
      }
      // on this machine, as elsewhere in a shell; on workers, only they know
      Path source = remote ? Path.of(host) : here.resolve(host).normalize();
      return new Mount(
          source, colon < 0 ? source.toString() : places.substring(colon + 1), readOnly);
    }
  }
}
