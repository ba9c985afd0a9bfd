package dev.grain.client;

import static dev.grain.client.Keys.APPTAINER;
import static dev.grain.client.Keys.BRANCH;
import static dev.grain.client.Keys.CAPABILITIES;
import static dev.grain.client.Keys.CODE;
import static dev.grain.client.Keys.COMMIT;
import static dev.grain.client.Keys.ENVIRONMENT;
import static dev.grain.client.Keys.FILES;
import static dev.grain.client.Keys.FLAGS;
import static dev.grain.client.Keys.FOLDERS;
import static dev.grain.client.Keys.GIT;
import static dev.grain.client.Keys.HOST;
import static dev.grain.client.Keys.IMAGE;
import static dev.grain.client.Keys.INPUTS;
import static dev.grain.client.Keys.ISOLATION;
import static dev.grain.client.Keys.JVM;
import static dev.grain.client.Keys.LOCAL_IMAGE;
import static dev.grain.client.Keys.MOUNTS;
import static dev.grain.client.Keys.NETWORK;
import static dev.grain.client.Keys.OF_CONTAINERS;
import static dev.grain.client.Keys.OF_ENVIRONMENT;
import static dev.grain.client.Keys.OF_ENVIRONMENTS;
import static dev.grain.client.Keys.OF_ISOLATION;
import static dev.grain.client.Keys.OF_PLACES;
import static dev.grain.client.Keys.OPTIONS;
import static dev.grain.client.Keys.PATH_IN_CONTAINER;
import static dev.grain.client.Keys.PATH_IN_REPO;
import static dev.grain.client.Keys.PYTHON;
import static dev.grain.client.Keys.READ_ONLY;
import static dev.grain.client.Keys.READ_ONLY_ROOT;
import static dev.grain.client.Keys.SHARED_MEMORY;
import static dev.grain.client.Keys.TIME_LIMIT;
import static dev.grain.client.Keys.USER;
import static dev.grain.client.Keys.WORKING_DIR;

import dev.grain.Code;
import dev.grain.Isolation;
import dev.grain.JobOptions;
import dev.grain.message.EnvironmentKind;
import dev.grain.resource.Resources;
import dev.grain.resource.internal.Amounts;
import dev.grain.spec.EnvironmentSpec;
import dev.grain.spec.IsolationSpec;
import dev.grain.spec.JobSpec;
import dev.grain.spec.SettingSpec;
import dev.grain.spec.WorkSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads where a job runs, and with what. For one job. */
final class SettingReader {
  private static final Pattern MOUNT = Pattern.compile("(/[^:]*):(/[^:]*?)(:ro|:rw)?");
  private static final String WORKER = "worker";
  private static final String NONE = "none";

  private final Fields job;
  private final Problems problems;

  SettingReader(Fields job, Problems problems) {
    this.job = job;
    this.problems = problems;
  }

  SettingSpec read() {
    IsolationSpec isolation = isolation();
    List<SettingSpec.Mount> mounts = mounts();
    return new SettingSpec(
        isolation,
        Objects.requireNonNullElseGet(code(), Code::shipped),
        environment(),
        mounts,
        job.value(WORKING_DIR, SpecReader::path));
  }

  // ---------------------------------------------------------------- isolation

  /** Takes note of keys that a job has for a container if it runs in none. */
  static void ensureContainer(Fields job) {
    if (!job.has(IMAGE) && !hasContainer(job)) {
      job.refuse("is for containers, but the job runs in none. Name an image.", MOUNTS);
    }
  }

  private static boolean hasContainer(Fields job) {
    return job.node(ISOLATION) instanceof Node.Mapping mapping
        && mapping.entries().stream().noneMatch(each -> each.key().equals(JVM.name()));
  }

  private @Nullable IsolationSpec isolation() {
    if (job.has(IMAGE) && job.has(ISOLATION)) {
      var _ = job.one("", IMAGE, ISOLATION);
      return null;
    }
    String image = job.value(IMAGE, SettingReader::image);
    if (image != null) {
      return IsolationSpec.container(image);
    }
    Fields fields = job.fields(ISOLATION, OF_ISOLATION);
    Key kind = fields == null ? null : fields.one("It names no place.", OF_PLACES);
    if (fields == null || kind == null) {
      return null;
    }
    if (kind != IMAGE && kind != LOCAL_IMAGE) {
      fields.refuse("is for the keys image and localImage. Remove it.", OF_CONTAINERS);
    }
    if (kind != APPTAINER) {
      fields.refuse("is for the key apptainer. Remove it.", OPTIONS);
    }
    if (kind != JVM) {
      fields.refuse("is for the key jvm. Remove it.", FLAGS);
    }
    if (kind == JVM) {
      return jvm(fields);
    }
    return kind == APPTAINER ? apptainer(fields) : container(fields, kind);
  }

  private static String image(Node node) {
    String image = Values.text(node);
    var _ = Isolation.container(image);
    return image;
  }

  private static @Nullable IsolationSpec container(Fields fields, Key kind) {
    Isolation.Container any = Isolation.localImage("any");
    boolean local = kind == LOCAL_IMAGE;
    String image =
        local
            ? fields.value(
                LOCAL_IMAGE,
                node -> {
                  String name = Values.text(node);
                  var _ = Isolation.localImage(name);
                  return name;
                })
            : fields.value(IMAGE, SettingReader::image);
    String network =
        fields.value(
            NETWORK,
            node -> {
              String name = Values.text(node);
              var _ = any.network(name);
              return name;
            });
    String user =
        fields.value(
            USER,
            node -> {
              String name = Values.id(node);
              var _ = any.user(name);
              return name;
            });
    List<String> capabilities =
        fields.list(
            CAPABILITIES,
            node -> {
              String name = Values.text(node);
              var _ = any.capabilities(name);
              return name;
            });
    boolean readOnlyRoot = fields.value(READ_ONLY_ROOT, false, Values::flag);
    Long sharedMemory =
        fields.value(
            SHARED_MEMORY,
            node -> {
              String size = Values.written(node);
              var _ = any.sharedMemory(size);
              return Amounts.ofMemory(size);
            });
    return image == null
        ? null
        : new IsolationSpec.Container(
            image, local, network, user, capabilities, readOnlyRoot, sharedMemory);
  }

  private static @Nullable IsolationSpec apptainer(Fields fields) {
    String image =
        fields.value(
            APPTAINER,
            node -> {
              String path = Values.text(node);
              var _ = Isolation.apptainer(path);
              return path;
            });
    List<String> options =
        fields.list(
            OPTIONS,
            node -> {
              String option = Values.text(node);
              var _ = Isolation.apptainer("any").options(option);
              return option;
            });
    return image == null ? null : new IsolationSpec.Apptainer(image, options);
  }

  private static @Nullable IsolationSpec jvm(Fields fields) {
    String home =
        fields.value(
            JVM,
            node -> {
              String text = Values.text(node);
              if (!text.equals(WORKER)) {
                var _ = Isolation.jvm(Path.of(text));
              }
              return text;
            });
    List<String> flags = fields.list(FLAGS, Values::text);
    List<String> checked =
        fields.value(
            FLAGS,
            List.of(),
            _ -> {
              var _ = JobOptions.of(Resources.none()).isolated(flags.toArray(String[]::new));
              return flags;
            });
    return home == null ? null : new IsolationSpec.Jvm(home.equals(WORKER) ? null : home, checked);
  }

  // ---------------------------------------------------------------- mounts

  private List<SettingSpec.Mount> mounts() {
    List<SettingSpec.Mount> mounts = new ArrayList<>();
    return job.list(
        MOUNTS,
        node -> {
          SettingSpec.Mount mount = mount(node);
          Isolation.Container container = Isolation.localImage("any");
          for (SettingSpec.Mount each : mounts) {
            container = container.mount(Path.of(each.host()), each.path());
          }
          var _ = container.mount(Path.of(mount.host()), mount.path());
          mounts.add(mount);
          return mount;
        });
  }

  private SettingSpec.Mount mount(Node node) {
    if (node instanceof Node.Mapping mapping) {
      Fields fields = new Fields(mapping, "a mount", problems, HOST, PATH_IN_CONTAINER, READ_ONLY);
      String host = fields.value(HOST, Values::text);
      String path = fields.value(PATH_IN_CONTAINER, Values::text);
      boolean readOnly = fields.value(READ_ONLY, false, Values::flag);
      if (host == null || path == null) {
        throw new IllegalArgumentException("A mount needs the keys host and path, as texts.");
      }
      return new SettingSpec.Mount(host, path, readOnly);
    }
    String text = Values.text(node);
    Matcher parts = MOUNT.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "\"%s\" is not HOST:PATH or HOST:PATH:ro with absolute paths."
              .formatted(Fields.shown(text)));
    }
    return new SettingSpec.Mount(parts.group(1), parts.group(2), ":ro".equals(parts.group(3)));
  }

  // ---------------------------------------------------------------- code

  private @Nullable Code code() {
    if (!(job.node(CODE) instanceof Node.Mapping)) {
      return job.value(
          CODE,
          node -> {
            if (node instanceof Node.Text text && text.text().equals(NONE)) {
              return Code.none();
            }
            throw new IllegalArgumentException("This is neither \"none\" nor a group of keys.");
          });
    }
    Fields code = job.fields(CODE, GIT, BRANCH, COMMIT, PATH_IN_REPO, FOLDERS);
    Key kind = code == null ? null : code.one("It names no place.", GIT, FOLDERS);
    if (code == null || kind == null) {
      return null;
    }
    if (kind == FOLDERS) {
      code.refuse("is for the key git. Remove it.", BRANCH, COMMIT, PATH_IN_REPO);
      List<String> folders =
          code.list(
              FOLDERS,
              node -> {
                String path = Values.text(node);
                var _ = Code.folder(path);
                return path;
              });
      return code.value(
          FOLDERS,
          _ -> {
            if (folders.isEmpty()) {
              throw new IllegalArgumentException("The list is empty.");
            }
            return new Code.Folders(folders);
          });
    }
    return git(code);
  }

  private static @Nullable Code git(Fields code) {
    Code.Git any = Code.git("any");
    String url = code.value(GIT, node -> Code.git(Values.text(node)).url());
    String branch = code.value(BRANCH, node -> any.branch(Values.text(node)).branch());
    String commit = code.value(COMMIT, node -> any.commit(Values.text(node)).commit());
    String path =
        code.value(PATH_IN_REPO, "", node -> any.pathInRepo(Values.text(node)).pathInRepo());
    if (code.has(BRANCH) && code.has(COMMIT)) {
      var _ = code.one("", BRANCH, COMMIT);
    }
    if (url == null) {
      return null;
    }
    Code.Git git = Code.git(url).pathInRepo(path);
    return commit != null ? git.commit(commit) : branch != null ? git.branch(branch) : git;
  }

  // ---------------------------------------------------------------- environments

  private @Nullable EnvironmentSpec environment() {
    if (!(job.node(ENVIRONMENT) instanceof Node.Mapping)) {
      return job.value(
          ENVIRONMENT,
          node -> {
            String path = Values.text(node);
            return checked(EnvironmentSpec.of(kind(path), path));
          });
    }
    Fields fields = job.fields(ENVIRONMENT, OF_ENVIRONMENT);
    Key key = fields == null ? null : fields.one("It defines nothing.", OF_ENVIRONMENTS);
    if (fields == null || key == null) {
      return null;
    }
    EnvironmentSpec.Kind kind = kind(key);
    Map<String, String> files =
        new LinkedHashMap<>(fields.map(FILES, (_, node) -> Values.text(node)));
    String path =
        fields.value(
            key,
            node -> {
              String text = Values.text(node);
              var _ = checked(EnvironmentSpec.of(kind, text));
              return text;
            });
    List<String> inputs = fields.list(INPUTS, Values::text);
    String python = fields.value(PYTHON, Values::text);
    Duration limit = fields.value(TIME_LIMIT, node -> positive(Values.duration(node)));
    return path == null
        ? null
        : job.value(
            ENVIRONMENT,
            _ -> checked(new EnvironmentSpec(kind, path, files, inputs, python, limit)));
  }

  private static Duration positive(Duration duration) {
    if (!duration.isPositive()) {
      throw new IllegalArgumentException("The time limit is not more than zero.");
    }
    return duration;
  }

  private static EnvironmentSpec checked(EnvironmentSpec environment) {
    var _ =
        JobOptions.of(
            JobSpec.of(WorkSpec.command("true"))
                .withSetting(SettingSpec.NONE.withEnvironment(environment)));
    return environment;
  }

  /** Returns the kind of environment that a file defines. */
  private static EnvironmentSpec.Kind kind(String path) {
    String name = path.substring(path.lastIndexOf('/') + 1);
    return EnvironmentSpec.Kind.valueOf(EnvironmentKind.ofFile(name).name());
  }

  private static EnvironmentSpec.Kind kind(Key key) {
    return EnvironmentSpec.Kind.valueOf(key.name().toUpperCase(Locale.ROOT));
  }
}
