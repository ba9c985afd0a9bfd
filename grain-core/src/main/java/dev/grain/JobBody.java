package dev.grain;

import dev.grain.bytes.Bytes;
import dev.grain.code.Codec;
import dev.grain.message.CodeRef;
import dev.grain.message.CommandInput;
import dev.grain.message.Work;
import dev.grain.text.Placeholders;
import java.io.Serializable;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** What a job does, as the program defines it. */
sealed interface JobBody {
  /**
   * Returns it as it is sent.
   *
   * @param limit how many bytes its input may take
   * @throws EncodingException if something of it cannot be encoded
   */
  Encoded encode(Codec codec, long limit);

  /**
   * A body as it is sent.
   *
   * @param content what jobs with the same body share; the same object for the same function or
   *     command
   * @param input what the job is given
   * @param bundle the hash of the classes of the program that it needs; empty for those of the
   *     process that runs it
   * @param apart whether it needs none of these
   * @param result how its result is read from JSON; null if it is the object that was returned
   */
  record Encoded(
      Work.Kind kind,
      Bytes content,
      Bytes input,
      Bytes bundle,
      boolean apart,
      @Nullable JsonResult<?> result) {
    /** Makes one whose result is an object. */
    Encoded(Work.Kind kind, Bytes content, Bytes input, Bytes bundle) {
      this(kind, content, input, bundle, false, null);
    }

    /** Returns the classes of the program that it needs. */
    CodeRef code() {
      if (apart) {
        return CodeRef.NONE;
      }
      return bundle.isEmpty() ? CodeRef.OWN : new CodeRef.Bundle(bundle);
    }
  }

  /** A call of a function. */
  final class Called implements JobBody {
    private final Serializable function;
    private final @Nullable Object[] arguments;

    Called(Serializable function, @Nullable Object... arguments) {
      this.function = function;
      this.arguments = arguments;
    }

    Serializable function() {
      return function;
    }

    @Nullable Object[] arguments() {
      return arguments;
    }

    @Override
    public Encoded encode(Codec codec, long limit) {
      Codec.EncodedCall call = codec.encode(function, arguments, limit);
      return new Encoded(Work.Kind.CALL, call.function(), call.arguments(), call.bundle());
    }
  }

  /** A call of a function by its name. */
  final class Named implements JobBody {
    private final FunctionRef<?> function;
    private final @Nullable Object[] arguments;
    private final boolean shipped;

    /**
     * Makes one.
     *
     * @param request whose code has the function
     */
    Named(Request request, FunctionRef<?> function, @Nullable Object... arguments) {
      this.function = function;
      this.arguments = arguments;
      this.shipped = !(request instanceof JobOptions job) || job.code() instanceof Code.Shipped;
    }

    /**
     * Returns one whose arguments are JSON already.
     *
     * @param request whose code has the function
     */
    static Named ofJson(Request request, FunctionRef<?> function, List<String> arguments) {
      return new Named(request, function, arguments.stream().map(JsonText::new).toArray());
    }

    /** An argument that is JSON. */
    private record JsonText(String text) {
      byte[] bytes() {
        return text.getBytes(StandardCharsets.UTF_8);
      }
    }

    @Override
    public Encoded encode(Codec codec, long limit) {
      List<byte[]> json = new ArrayList<>();
      for (Object each : arguments) {
        json.add(each instanceof JsonText written ? written.bytes() : Json.write(each));
      }
      Codec.EncodedCall call = codec.encodeNamed(function.encoded(), json, shipped, limit);
      return new Encoded(
          Work.Kind.CALL,
          call.function(),
          call.arguments(),
          call.bundle(),
          !shipped,
          function.result());
    }

    @Override
    public String toString() {
      return function.toString();
    }
  }

  /** A program that is started. */
  final class Started implements JobBody {
    private final Command command;
    private final CommandInput input;

    private Started(
        Command command, SequencedMap<String, String> values, @Nullable Bytes inputFile) {
      this.command = command;
      this.input = new CommandInput(values, inputFile);
    }

    /**
     * Returns one without an input.
     *
     * @throws IllegalArgumentException if the command needs one
     */
    static Started of(Command command) {
      if (command.isTemplate()) {
        throw new IllegalArgumentException(
            "The command \"%s\" is a template. Give it an input, or use map.".formatted(command));
      }
      return new Started(command, new LinkedHashMap<>(), command.inputFile(null));
    }

    /**
     * Returns one whose placeholders stand for an input.
     *
     * @throws IllegalArgumentException if the command takes none
     * @throws EncodingException if the input has no value for a placeholder, or cannot be written
     *     to its file
     */
    static Started of(Command template, @Nullable Object input) {
      template.ensureTemplate();
      SequencedMap<String, String> values = values(input);
      try {
        template.ensureKnown(values.keySet());
      } catch (IllegalArgumentException e) {
        throw new EncodingException(String.valueOf(e.getMessage()), e);
      }
      return new Started(template, values, template.inputFile(input));
    }

    /** Returns what placeholders stand for: the input itself without a name, and its parts. */
    private static SequencedMap<String, String> values(@Nullable Object input) {
      SequencedMap<String, String> values = new LinkedHashMap<>();
      values.put(Placeholders.UNNAMED, String.valueOf(input));
      switch (input) {
        case Map<?, ?> map ->
            map.forEach((name, value) -> values.put(String.valueOf(name), String.valueOf(value)));
        case Record parts -> {
          for (RecordComponent each : parts.getClass().getRecordComponents()) {
            values.put(each.getName(), part(parts, each));
          }
        }
        case null, default -> {}
      }
      return values;
    }

    private static String part(Record record, RecordComponent component) {
      try {
        component.getAccessor().setAccessible(true);
        return String.valueOf(component.getAccessor().invoke(record));
      } catch (ReflectiveOperationException | RuntimeException e) {
        throw new EncodingException(
            "The component %s of the input cannot be read".formatted(component.getName()), e);
      }
    }

    @Override
    public Encoded encode(Codec codec, long limit) {
      Bytes encoded = input.encode();
      if (encoded.length() > limit) {
        throw new EncodingException(
            "The input of the command takes %s bytes, more than can be sent at once (%s)"
                .formatted(encoded.length(), limit),
            null);
      }
      return new Encoded(Work.Kind.COMMAND, command.encoded(), encoded, Bytes.empty());
    }

    @Override
    public String toString() {
      return command.toString();
    }
  }
}
