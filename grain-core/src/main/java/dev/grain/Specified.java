package dev.grain;

import static dev.grain.resource.Resources.cpu;

import dev.grain.message.EnvironmentKind;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Kind;
import dev.grain.spec.EnvironmentSpec;
import dev.grain.spec.IsolationSpec;
import dev.grain.spec.JobSpec;
import dev.grain.spec.RetrySpec;
import dev.grain.spec.SettingSpec;
import dev.grain.spec.WorkSpec;
import dev.grain.text.MemoryUnit;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a spec stands for in the types with which programs submit jobs. So these types decide what
 * is allowed. All methods throw an {@code IllegalArgumentException} with a sentence if something is
 * not.
 */
final class Specified {
  private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");

  private Specified() {}

  // ---------------------------------------------------------------- options

  /** Returns the options of the job, whose work fits them. */
  static JobOptions options(JobSpec spec) {
    RetrySpec retries = spec.retries();
    SettingSpec setting = spec.setting();
    JobOptions options =
        JobOptions.of(resources(spec.resources()))
            .named(spec.name())
            .retries(retries.most())
            .backoff(retries.first(), retries.factor(), retries.longest())
            .priority(spec.priority())
            .code(setting.code());
    if (spec.timeLimit() != null) {
      options = options.timeout(spec.timeLimit());
    }
    Isolation isolation = isolation(spec);
    if (isolation != null) {
      options = options.in(isolation);
    }
    if (setting.environment() != null) {
      options = options.environment(environment(setting.environment()));
    }
    options = onItsThread(spec.work(), options);
    ensureWork(spec);
    Templates.ensureFits(
        !(spec.work() instanceof WorkSpec.Program),
        spec.work() instanceof WorkSpec.Function && !(setting.code() instanceof Code.Shipped),
        options);
    return options;
  }

  private static Resource resources(@Nullable Resource named) {
    if (named == null) {
      return cpu(1);
    }
    return Demand.of(named).amount(Kind.CPU) == 0 ? named.and(cpu(1)) : named;
  }

  private static JobOptions onItsThread(WorkSpec work, JobOptions options) {
    boolean platformThread =
        switch (work) {
          case WorkSpec.Program _ -> false;
          case WorkSpec.Function function -> function.platformThread();
          case WorkSpec.Shipped shipped -> shipped.platformThread();
        };
    return platformThread ? options.platformThread() : options;
  }

  private static @Nullable Isolation isolation(JobSpec spec) {
    SettingSpec setting = spec.setting();
    IsolationSpec named = setting.isolation();
    if (!setting.mounts().isEmpty() && (named == null || named instanceof IsolationSpec.Jvm)) {
      throw new IllegalArgumentException(
          "Mounts are for containers, but the job runs in none. Name an image, or remove the mounts.");
    }
    // a command has its variables itself
    Map<String, String> variables = spec.work() instanceof WorkSpec.Program ? Map.of() : spec.env();
    return switch (named) {
      case null -> null;
      case IsolationSpec.Jvm jvm -> jvm(jvm);
      case IsolationSpec.Apptainer apptainer -> {
        Isolation.Apptainer container =
            Isolation.apptainer(apptainer.image())
                .options(apptainer.options().toArray(String[]::new));
        for (SettingSpec.Mount each : setting.mounts()) {
          container =
              each.readOnly()
                  ? container.mountReadOnly(Path.of(each.host()), each.path())
                  : container.mount(Path.of(each.host()), each.path());
        }
        yield container;
      }
      case IsolationSpec.Container container -> {
        Isolation.Container made = container(container);
        for (SettingSpec.Mount each : setting.mounts()) {
          made =
              each.readOnly()
                  ? made.mountReadOnly(Path.of(each.host()), each.path())
                  : made.mount(Path.of(each.host()), each.path());
        }
        for (Map.Entry<String, String> each : variables.entrySet()) {
          made = made.env(each.getKey(), each.getValue());
        }
        yield made;
      }
    };
  }

  private static Isolation.Jvm jvm(IsolationSpec.Jvm jvm) {
    String[] flags = jvm.flags().toArray(String[]::new);
    return jvm.home() == null
        ? Isolation.Jvm.ofWorker(flags)
        : Isolation.jvm(Path.of(jvm.home())).options(flags);
  }

  private static Isolation.Container container(IsolationSpec.Container spec) {
    Isolation.Container container =
        spec.local() ? Isolation.localImage(spec.image()) : Isolation.container(spec.image());
    container = set(container, spec.network(), container::network);
    container = set(container, spec.user(), container::user);
    container = container.capabilities(spec.capabilities().toArray(String[]::new));
    container = spec.readOnlyRoot() ? container.readOnlyRoot() : container;
    return spec.sharedMemory() == null
        ? container
        : container.sharedMemory(MemoryUnit.exact(spec.sharedMemory()));
  }

  private static <T, V> T set(T unchanged, @Nullable V value, Function<V, T> setter) {
    return value == null ? unchanged : setter.apply(value);
  }

  private static Environment environment(EnvironmentSpec spec) {
    EnvironmentKind kind = EnvironmentKind.valueOf(spec.kind().name());
    if (!spec.inputs().isEmpty() && spec.kind() != EnvironmentSpec.Kind.SCRIPT) {
      throw new IllegalArgumentException(
          "Only a script reads inputs besides the file that defines the environment. Remove them.");
    }
    if (!spec.inputs().isEmpty() && !spec.files().isEmpty()) {
      throw new IllegalArgumentException(
          "The inputs of a script are in the code of the job, but the script is not. Put it there as well, and remove the files.");
    }
    Environment environment =
        spec.files().isEmpty()
            ? DefinedEnvironment.inCode(kind, spec.path(), spec.inputs().toArray(String[]::new))
            : DefinedEnvironment.of(kind, spec.path(), spec.files());
    if (spec.python() != null) {
      if (spec.kind() != EnvironmentSpec.Kind.VENV && spec.kind() != EnvironmentSpec.Kind.POETRY) {
        throw new IllegalArgumentException(
            "The interpreter of Python can be chosen for venv and poetry, but not for %s."
                .formatted(environment));
      }
      environment = environment.python(spec.python());
    }
    return spec.timeLimit() == null ? environment : environment.timeout(spec.timeLimit());
  }

  // ---------------------------------------------------------------- work

  private static void ensureWork(JobSpec spec) {
    switch (spec.work()) {
      case WorkSpec.Program _ -> {
        var _ = command(spec);
      }
      case WorkSpec.Function function -> {
        var _ = FunctionRef.named(function.name());
        ensureForFunction(spec);
      }
      case WorkSpec.Shipped shipped -> {
        if (!SHA_256.matcher(shipped.bundle()).matches()) {
          throw new IllegalArgumentException(
              "\"%s\" is not the SHA-256 of a bundle: 64 digits of 0-9 and a-f."
                  .formatted(shipped.bundle()));
        }
        var _ = bytes("function", shipped.function());
        var _ = bytes("arguments", shipped.arguments());
        ensureForFunction(spec);
      }
    }
  }

  private static void ensureForFunction(JobSpec spec) {
    if (spec.setting().workingDir() != null) {
      throw new IllegalArgumentException(
          "A working directory is for commands; a function has that of its JVM. Remove it.");
    }
    if (!spec.env().isEmpty() && !(spec.setting().isolation() instanceof IsolationSpec.Container)) {
      throw new IllegalArgumentException(
          "A function gets environment variables only in a container. Remove them, or name an image.");
    }
  }

  /** Returns the command of a spec that has one. */
  static Command command(JobSpec spec) {
    if (!(spec.work() instanceof WorkSpec.Program program)) {
      throw new IllegalArgumentException("The job is no command.");
    }
    Command command = Command.of(program.words()).env(spec.env());
    command = set(command, program.shell(), command::shell);
    command = atPath(command, spec.setting().workingDir(), Command::workingDir);
    command = atPath(command, program.stdin(), Command::stdin);
    command = atPath(command, program.stdout(), Command::stdout);
    command = atPath(command, program.stderr(), Command::stderr);
    command =
        command.successCodes(program.successCodes().stream().mapToInt(Integer::intValue).toArray());
    command =
        switch (program.input()) {
          case null -> command;
          case WorkSpec.Input.Text(String text) -> command.input(text);
          case WorkSpec.Input.Binary(String base64) -> command.input(bytes("input", base64));
        };
    return program.returnsResult() ? command.withResult() : command;
  }

  private static Command atPath(
      Command command, @Nullable String path, BiFunction<Command, Path, Command> setter) {
    return path == null ? command : setter.apply(command, Path.of(path));
  }

  private static byte[] bytes(String what, String base64) {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "The %s is not in Base64: %s.".formatted(what, e.getMessage()), e);
    }
  }

  /**
   * Returns what a run of this program does for the job.
   *
   * @param options those of the same spec
   */
  static JobBody body(JobSpec spec, JobOptions options) {
    if (spec.hold()) {
      throw new IllegalArgumentException(
          "The job is held until somebody resumes it, which takes a shared head. Submit it to one, or without the hold.");
    }
    return switch (spec.work()) {
      case WorkSpec.Program _ -> JobBody.Started.of(command(spec));
      case WorkSpec.Function function ->
          JobBody.Named.ofJson(options, FunctionRef.named(function.name()), function.arguments());
      case WorkSpec.Shipped _ ->
          throw new IllegalArgumentException(
              "The job calls a function whose code a program has sent to a shared head. Submit it there, or name the function.");
    };
  }
}
