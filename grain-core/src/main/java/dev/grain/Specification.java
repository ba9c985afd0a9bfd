package dev.grain;

import dev.grain.bytes.Bytes;
import dev.grain.message.ApptainerSetting;
import dev.grain.message.CommandLine;
import dev.grain.message.ContainerSetting;
import dev.grain.message.EnvironmentSetting;
import dev.grain.schedule.Retries;
import dev.grain.spec.EnvironmentSpec;
import dev.grain.spec.IsolationSpec;
import dev.grain.spec.JobSpec;
import dev.grain.spec.RetrySpec;
import dev.grain.spec.SettingSpec;
import dev.grain.spec.WorkSpec;
import dev.grain.text.Placeholders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The spec of what a program would submit: {@link Specified} makes the same of it. All methods
 * throw an {@code IllegalArgumentException} with a sentence if no spec can say it.
 */
final class Specification {
  private Specification() {}

  /** Returns the spec of a command. */
  static JobSpec of(JobOptions options, Command command) {
    if (command.isTemplate()) {
      throw new IllegalArgumentException(
          "The command \"%s\" is a template, whose input a spec does not have.".formatted(command));
    }
    CommandLine line = command.line();
    WorkSpec work =
        new WorkSpec.Program(
            line.words(),
            orNull(line.shell()),
            orNull(line.stdin()),
            orNull(line.stdout()),
            orNull(line.stderr()),
            line.successCodes(),
            input(command.inputFile(null)),
            line.returnsResult());
    Map<String, String> variables = containerVariables(options.isolation());
    // a command fills placeholders in its variables, a container does not
    variables.replaceAll((_, value) -> Placeholders.escape(value));
    variables.putAll(line.environment());
    return of(options, work, variables, orNull(line.folder()));
  }

  /** Returns the spec of a call of a function by its name. */
  static JobSpec of(JobOptions options, FunctionRef<?> function, @Nullable Object... arguments) {
    List<String> json = new ArrayList<>();
    for (Object each : arguments) {
      json.add(new String(Json.write(each), StandardCharsets.UTF_8));
    }
    WorkSpec work = new WorkSpec.Function(function.toString(), json, options.wantsPlatformThread());
    return of(options, work, containerVariables(options.isolation()), null);
  }

  private static JobSpec of(
      JobOptions options,
      WorkSpec work,
      Map<String, String> variables,
      @Nullable String workingDir) {
    if (options.retryOn() != null) {
      throw new IllegalArgumentException(
          "retryOn is code of the program, which a spec does not have. Leave it out.");
    }
    Retries retries = options.retries();
    return new JobSpec(
        null,
        options.name(),
        work,
        options.resource(),
        new SettingSpec(
            isolation(options.isolation()),
            options.code(),
            environment(options.environment()),
            mounts(options.isolation()),
            workingDir),
        variables,
        new RetrySpec(
            retries.most(),
            Duration.ofNanos(retries.first()),
            retries.factor(),
            Duration.ofNanos(retries.longest())),
        options.timeLimit(),
        options.priority(),
        Map.of(),
        false);
  }

  private static @Nullable String orNull(String text) {
    return text.isEmpty() ? null : text;
  }

  private static WorkSpec.@Nullable Input input(@Nullable Bytes file) {
    if (file == null) {
      return null;
    }
    byte[] bytes = array(file);
    try {
      return new WorkSpec.Input.Text(text(bytes));
    } catch (CharacterCodingException e) {
      return new WorkSpec.Input.Binary(Base64.getEncoder().encodeToString(bytes));
    }
  }

  private static byte[] array(Bytes bytes) {
    try {
      return bytes.stream().readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(byte[] bytes) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }

  // ---------------------------------------------------------------- setting

  private static @Nullable IsolationSpec isolation(@Nullable Isolation isolation) {
    return switch (isolation) {
      case null -> null;
      case Isolation.Jvm jvm ->
          new IsolationSpec.Jvm(orNull(jvm.message().home()), jvm.message().flags());
      case Isolation.Apptainer apptainer -> {
        ApptainerSetting setting = apptainer.setting();
        yield new IsolationSpec.Apptainer(setting.image(), setting.options());
      }
      case Isolation.Container container -> {
        ContainerSetting setting = container.setting();
        yield new IsolationSpec.Container(
            setting.image(),
            setting.local(),
            orNull(setting.network()),
            orNull(setting.user()),
            setting.capabilities(),
            setting.readOnlyRoot(),
            setting.sharedMemory() == 0 ? null : setting.sharedMemory());
      }
    };
  }

  private static List<SettingSpec.Mount> mounts(@Nullable Isolation isolation) {
    List<ContainerSetting.Mount> mounts =
        switch (isolation) {
          case Isolation.Apptainer apptainer -> apptainer.setting().mounts();
          case Isolation.Container container -> container.setting().mounts();
          case null -> List.of();
          case Isolation.Jvm _ -> List.of();
        };
    return mounts.stream()
        .map(each -> new SettingSpec.Mount(each.host(), each.container(), each.readOnly()))
        .toList();
  }

  /** Returns the variables of the container, which those of a command override. */
  private static Map<String, String> containerVariables(@Nullable Isolation isolation) {
    return new LinkedHashMap<>(
        switch (isolation) {
          case Isolation.Apptainer apptainer -> apptainer.setting().environment();
          case Isolation.Container container -> container.setting().environment();
          case null -> Map.<String, String>of();
          case Isolation.Jvm _ -> Map.<String, String>of();
        });
  }

  private static @Nullable EnvironmentSpec environment(@Nullable Environment environment) {
    if (!(environment instanceof DefinedEnvironment(EnvironmentSetting setting))) {
      return null;
    }
    Map<String, String> files = new LinkedHashMap<>();
    setting
        .files()
        .forEach((name, content) -> {
          try {
            files.put(name, text(array(content)));
          } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(
                "The file %s of the environment is not a text in UTF-8.".formatted(name), e);
          }
        });
    boolean usual = setting.timeLimit() == EnvironmentSetting.USUAL_TIME_LIMIT;
    return new EnvironmentSpec(
        EnvironmentSpec.Kind.valueOf(setting.kind().name()),
        setting.path(),
        files,
        setting.inputs(),
        orNull(setting.python()),
        usual ? null : Duration.ofNanos(setting.timeLimit()));
  }
}
