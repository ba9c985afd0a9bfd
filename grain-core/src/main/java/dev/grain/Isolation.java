package dev.grain;

import dev.grain.image.ImageName;
import dev.grain.message.ApptainerSetting;
import dev.grain.message.ContainerSetting;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a job is isolated in: a container of Docker or Podman, one of Apptainer, or a JVM of its
 * own. Immutable: each method returns a changed copy.
 *
 * <pre>{@code
 * JobOptions.of(cpu(2)).in(Isolation.container("ghcr.io/acme/train", "2"))
 * }</pre>
 */
public sealed interface Isolation permits Isolation.Container, Isolation.Jvm, Isolation.Apptainer {

  /**
   * Returns a container of an image with the tag {@code latest}, or the tag that the name has.
   *
   * @param repository such as {@code python}, {@code ghcr.io/acme/train} or {@code
   *     localhost:5000/train}. What is before the first slash is a registry if it contains a dot or
   *     a colon, or is {@code localhost}; otherwise the image is in the Docker Hub
   * @throws IllegalArgumentException if it is not the name of an image
   */
  static Container container(String repository) {
    return Container.of(ImageName.parse(repository));
  }

  /**
   * Returns a container of an image. The tag is looked up once for this object in a run, when the
   * first job with it is submitted, so that all jobs of a map run the same image, even if the tag
   * is moved meanwhile.
   *
   * @param repository as {@link #container(String)} takes it, without a tag
   * @throws IllegalArgumentException if one of them is malformed
   */
  static Container container(String repository, String tag) {
    Objects.requireNonNull(tag, "tag is null");
    return Container.of(ImageName.parse(repository + ":" + tag));
  }

  /**
   * Returns a container of the image that has this digest. Nothing is looked up for it, so only the
   * workers need to reach the registry.
   *
   * @param repository as {@link #container(String)} takes it
   * @param digest {@code sha256:} and 64 hexadecimal digits
   * @throws IllegalArgumentException if one of them is malformed
   */
  static Container containerAt(String repository, String digest) {
    Objects.requireNonNull(digest, "digest is null");
    return Container.of(ImageName.parse(repository).at(digest));
  }

  /**
   * Returns a container of an image that the container engines of the workers have already, for
   * example because it was built there. It is never pulled, and workers may have different images
   * of that name.
   *
   * @param name the name, or the id, as the engine knows it
   * @throws IllegalArgumentException if it is blank or contains blanks
   */
  static Container localImage(String name) {
    ContainerChecks.ensureLocalName(name);
    return new Container(null, ContainerSetting.of(name, true));
  }

  /**
   * Returns a container of Apptainer, or of Singularity: for commands, on workers where one of
   * these programs is installed and the image is there.
   *
   * @param image the path of the image on the workers: a file such as {@code /images/train.sif}, or
   *     a folder; a relative path is one in the {@linkplain JobOptions#code code} of the job
   * @throws IllegalArgumentException if it is blank or not a path
   */
  static Apptainer apptainer(String image) {
    return Apptainer.of(image);
  }

  /**
   * Returns a JVM of another Java that is installed on the workers. It is started for the function,
   * and otherwise used as {@link JobOptions#isolated} describes. For functions only.
   *
   * @param home the home of that Java on the workers, an absolute path; it must be Java 25 or later
   * @throws IllegalArgumentException if it is relative
   */
  static Jvm jvm(Path home) {
    if (!home.isAbsolute() || home.toString().indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "\"%s\" is not an absolute path of a Java home on the workers.".formatted(home));
    }
    return new Jvm(home.normalize().toString(), List.of());
  }

  /**
   * A container. It holds the cores, the memory and the GPUs that the job requests. That of a
   * command is removed when the job ends; that of a function may run several jobs of a run, one
   * after another.
   *
   * <p>By default it has no Linux capabilities and cannot get new privileges; its user is the user
   * of the worker, or nobody if that is root; and it has no files of the worker except those that
   * Grain provides. The methods grant more.
   */
  final class Container implements Isolation {
    // null for a local image
    private final @Nullable ImageName name;
    private final ContainerSetting setting;

    private Container(@Nullable ImageName name, ContainerSetting setting) {
      this.name = name;
      this.setting = setting;
    }

    private static Container of(ImageName name) {
      return new Container(name, ContainerSetting.of(name.full(), false));
    }

    /**
     * Gives the container a file or folder of the worker, which the job may change.
     *
     * @param host the absolute path on the worker; it must exist there
     * @param path the absolute path in the container
     * @throws IllegalArgumentException if a path is not absolute, or {@code path} is used already
     */
    public Container mount(Path host, String path) {
      return mount(host, path, false);
    }

    /** Gives the container a file or folder that it cannot change; see {@link #mount}. */
    public Container mountReadOnly(Path host, String path) {
      return mount(host, path, true);
    }

    private Container mount(Path host, String path, boolean readOnly) {
      String target = ContainerChecks.target(path, setting.mounts());
      String source = ContainerChecks.source(host);
      return with(draft -> draft.mounts.add(new ContainerSetting.Mount(source, target, readOnly)));
    }

    /**
     * Sets an environment variable in the container, in addition to those of the image. A variable
     * that the command itself sets has precedence.
     *
     * @throws IllegalArgumentException if the name is empty or contains {@code =}, or either
     *     contains a NUL character
     */
    public Container env(String name, String value) {
      ContainerChecks.ensureVariable(name, value);
      return with(draft -> draft.environment.put(name, value));
    }

    /**
     * Sets the network of the container. By default, it has the one that the engine gives to
     * containers.
     *
     * @param network {@code none} for no network, {@code host} for that of the worker, or the name
     *     of a network of the engine
     * @throws IllegalArgumentException if it is malformed
     */
    public Container network(String network) {
      ContainerChecks.ensureNetwork(network);
      return with(draft -> draft.network = network);
    }

    /**
     * Sets the user of the container. By default, this is the user of the worker, or nobody if that
     * is root.
     *
     * @param user a name that the image defines, or an id; and maybe a group, as in {@code
     *     1000:1000}
     * @throws IllegalArgumentException if it is malformed
     */
    public Container user(String user) {
      ContainerChecks.ensureUser(user);
      return with(draft -> draft.user = user);
    }

    /**
     * Grants Linux capabilities to the container, which has none by default. Only root in the
     * container can use them, so set {@link #user} as well.
     *
     * @param capabilities such as {@code NET_RAW}; those that were granted before are kept
     * @throws IllegalArgumentException if there is no such capability
     */
    public Container capabilities(String... capabilities) {
      List<String> checked = ContainerChecks.capabilities(capabilities);
      return with(draft -> {
        draft.capabilities.removeAll(checked);
        draft.capabilities.addAll(checked);
      });
    }

    /**
     * Makes the files of the image read-only. The folder {@code /tmp} is then in memory, and counts
     * towards the memory of the job.
     */
    public Container readOnlyRoot() {
      return with(draft -> draft.readOnlyRoot = true);
    }

    /**
     * Sets the size of {@code /dev/shm}; by default, the engine chooses it, mostly 64 MiB. What is
     * in there counts towards the memory of the job.
     *
     * @param size such as {@code 1GiB}
     * @throws IllegalArgumentException if it is not a size
     */
    public Container sharedMemory(String size) {
      long bytes = ContainerChecks.size(size);
      return with(draft -> draft.sharedMemory = bytes);
    }

    private Container with(Consumer<Draft> change) {
      Draft draft = new Draft(setting);
      change.accept(draft);
      return new Container(name, draft.setting(setting.image()));
    }

    /** Returns the name of the image; null for a local one. */
    @Nullable ImageName name() {
      return name;
    }

    /** Returns it as it is sent to workers, with an image that is named by its digest. */
    ContainerSetting at(String image) {
      return setting.at(image);
    }

    /** Returns it as it is sent to workers, if its image needs no digest. */
    ContainerSetting setting() {
      return setting;
    }

    /** Returns for example {@code a container of python:3.12}. */
    @Override
    public String toString() {
      return "a container of " + (name == null ? setting.image() : name.words());
    }

    /** A setting that is being changed; only one thread knows it. */
    private static final class Draft {
      private final boolean local;
      private final List<ContainerSetting.Mount> mounts;
      private final SequencedMap<String, String> environment;
      private String network;
      private String user;
      private final List<String> capabilities;
      private boolean readOnlyRoot;
      private long sharedMemory;

      Draft(ContainerSetting setting) {
        this.local = setting.local();
        this.mounts = new ArrayList<>(setting.mounts());
        this.environment = new LinkedHashMap<>(setting.environment());
        this.network = setting.network();
        this.user = setting.user();
        this.capabilities = new ArrayList<>(setting.capabilities());
        this.readOnlyRoot = setting.readOnlyRoot();
        this.sharedMemory = setting.sharedMemory();
      }

      ContainerSetting setting(String image) {
        return new ContainerSetting(
            image,
            local,
            mounts,
            environment,
            network,
            user,
            capabilities,
            readOnlyRoot,
            sharedMemory);
      }
    }
  }

  /** A JVM for functions, which runs one job at a time; see {@link JobOptions#isolated}. */
  final class Jvm implements Isolation {
    private final String home;
    private final dev.grain.message.Isolation.Jvm message;

    private Jvm(String home, List<String> flags) {
      this.home = home;
      this.message = dev.grain.message.Isolation.Jvm.of(home, flags);
    }

    /** Returns a JVM of the Java that the worker itself runs on. */
    static Jvm ofWorker(String... flags) {
      return new Jvm("", List.of()).options(flags);
    }

    /**
     * Sets the flags of the JVM, in place of those that were set before.
     *
     * @param flags each as a separate argument, such as {@code -Xss4m}; see {@link
     *     JobOptions#isolated}
     * @throws IllegalArgumentException if a flag is blank, contains blanks, or is not allowed
     */
    public Jvm options(String... flags) {
      Jvm made = new Jvm(home, JvmFlags.check(flags));
      JvmFlags.ensureShort(made.message.setting());
      return made;
    }

    /** Returns it as it is sent to workers. */
    dev.grain.message.Isolation.Jvm message() {
      return message;
    }

    /** Returns for example {@code a JVM of /opt/jdk-25}. */
    @Override
    public String toString() {
      return home.isEmpty() ? "a JVM of the worker's Java" : "a JVM of " + home;
    }
  }

  /**
   * A container of Apptainer for each job. The files of the image are read-only. The container also
   * has the folder in which the command runs, and {@code /tmp} and a home of its own, which are
   * removed when the job ends; and no other files of the worker. It has the environment variables
   * of the image and of the command, not those of the worker, and the network of the worker. If the
   * job holds GPUs, those of NVIDIA are there ({@code --nv}). Its processes get no privileges.
   */
  final class Apptainer implements Isolation {
    private final ApptainerSetting setting;

    private Apptainer(ApptainerSetting setting) {
      this.setting = setting;
    }

    private static Apptainer of(String image) {
      ContainerChecks.ensureImageFile(image);
      return new Apptainer(ApptainerSetting.of(image));
    }

    /**
     * Gives the container a file or folder of the worker, which the job may change.
     *
     * @param host the absolute path on the worker; it must exist there
     * @param path the absolute path in the container
     * @throws IllegalArgumentException if a path is not absolute, or {@code path} is used already
     */
    public Apptainer mount(Path host, String path) {
      return mount(host, path, false);
    }

    /** Gives the container a file or folder that it cannot change; see {@link #mount}. */
    public Apptainer mountReadOnly(Path host, String path) {
      return mount(host, path, true);
    }

    private Apptainer mount(Path host, String path, boolean readOnly) {
      String target = ContainerChecks.target(path, setting.mounts());
      String source = ContainerChecks.source(host);
      List<ContainerSetting.Mount> mounts = new ArrayList<>(setting.mounts());
      mounts.add(new ContainerSetting.Mount(source, target, readOnly));
      return new Apptainer(
          new ApptainerSetting(setting.image(), mounts, setting.environment(), setting.options()));
    }

    /**
     * Sets an environment variable in the container, in addition to those of the image. A variable
     * that the command itself sets has precedence.
     *
     * @throws IllegalArgumentException if the name is empty or contains {@code =}, or either
     *     contains a NUL character
     */
    public Apptainer env(String name, String value) {
      ContainerChecks.ensureVariable(name, value);
      SequencedMap<String, String> environment = new LinkedHashMap<>(setting.environment());
      environment.put(name, value);
      return new Apptainer(
          new ApptainerSetting(setting.image(), setting.mounts(), environment, setting.options()));
    }

    /**
     * Sets further options of {@code apptainer exec}, such as {@code --writable-tmpfs} or {@code
     * --rocm}, in place of those that were set before. They follow those of Grain.
     *
     * @param options each as a separate argument; a value is in the same argument, as in {@code
     *     --overlay=/data/overlay.img}
     * @throws IllegalArgumentException if one does not begin with {@code -}
     */
    public Apptainer options(String... options) {
      ContainerChecks.ensureOptions(options);
      return new Apptainer(
          new ApptainerSetting(
              setting.image(), setting.mounts(), setting.environment(), List.of(options)));
    }

    /** Returns it as it is sent to workers. */
    ApptainerSetting setting() {
      return setting;
    }

    /** Returns for example {@code a container of /images/train.sif}. */
    @Override
    public String toString() {
      return "a container of " + setting.image();
    }
  }
}
