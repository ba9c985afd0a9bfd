package dev.grain.code;

import dev.grain.EncodingException;
import dev.grain.bytes.Bytes;
import dev.grain.code.bundle.Bundles;
import dev.grain.code.bundle.EntryPoint;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.Serializable;
import java.lang.invoke.SerializedLambda;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Turns functions and values into bytes and back, with the classes of one loader. Safe for all
 * threads; everything happens on the caller's.
 *
 * <p>Shared references stay shared and cycles stay cycles within one call's captures and arguments,
 * and within one value.
 */
public final class Codec {
  /** The name of the encoding: two sides understand each other if they have the same one. */
  public static final String FORMAT = "kryo5-2";

  /** The message for a job that tries to start others, by a call or an object of the program. */
  public static final String NO_FURTHER_JOBS =
      "A job cannot start further jobs. Return a description of the work from the job, and "
          + "submit it from the main or a subtask.";

  /** What the value of a job is called. */
  static final String RESULT = "result";

  private final ClassFinder classes;
  private final @Nullable Bundles bundles;
  private final Lambdas lambdas;
  private final ValueCodec valueCodec;
  private final Failures failures;
  private final CanonicalForms canonicalForms;
  // those that were called by their names; put by any thread
  private final ConcurrentMap<NamedCall, NamedFunction> named = new ConcurrentHashMap<>();
  // made when it is needed, perhaps twice, by any thread
  private volatile @Nullable JsonBinding jsonBinding;

  /** A function that is called by its name, and how many arguments it has. */
  private record NamedCall(Bytes function, int arguments) {}

  /**
   * Makes an encoder for the classes of a loader.
   *
   * @param loader finds every class that is decoded, or else a loader of the functions that were
   *     encoded
   */
  public Codec(ClassLoader loader) {
    this(loader, null);
  }

  /**
   * Makes an encoder that names with each call the code that it needs.
   *
   * @param loader finds every class that is decoded, or else a loader of the functions that were
   *     encoded
   * @param bundles what the program's classes come from, or null if calls are decoded where the
   *     same classes are
   */
  public Codec(ClassLoader loader, @Nullable Bundles bundles) {
    this.classes = new ClassFinder(loader);
    this.bundles = bundles;
    this.lambdas = new Lambdas(classes);
    this.valueCodec = new ValueCodec(classes, lambdas);
    this.failures = new Failures(valueCodec);
    this.canonicalForms = new CanonicalForms(classes, lambdas);
  }

  /**
   * Finds a class and does not initialize it.
   *
   * @throws ClassNotFoundException if no loader knows it
   */
  public Class<?> find(String name) throws ClassNotFoundException {
    return classes.find(name);
  }

  /** Returns the loader that is asked first for every class. */
  public ClassLoader loader() {
    return classes.loader();
  }

  /**
   * A call as bytes.
   *
   * @param function the identity of the code, equal for equal functions whatever they capture
   * @param arguments the captures, then the arguments
   * @param bundle the id of the code that it needs; empty if the encoder was made without bundles
   */
  public record EncodedCall(Bytes function, Bytes arguments, Bytes bundle) {}

  /** A call that is ready to run. */
  @FunctionalInterface
  public interface DecodedCall {
    /**
     * Calls the function.
     *
     * @return its value, or null if it returns none
     * @throws Exception what the function threw, as it is
     */
    @Nullable Object run() throws Exception;
  }

  /**
   * Encodes a function and what it is called with.
   *
   * @param function a lambda, a method reference or an object, of the type {@code FnN} or {@code
   *     ActN} for N arguments
   * @param arguments the arguments; not changed
   * @param limit how many bytes captures and arguments may take
   * @throws EncodingException if something in it cannot be encoded, naming the path to it, or if it
   *     takes more than the limit; or if the code that it needs cannot be read
   * @throws IllegalArgumentException if the function does not take that many arguments
   */
  public EncodedCall encode(Serializable function, @Nullable Object[] arguments, long limit) {
    Class<?> type = function.getClass();
    if (!Functions.accepts(function, arguments.length)) {
      throw new IllegalArgumentException(
          type.getName() + " is no function of " + arguments.length + " arguments");
    }
    classes.ask(type);
    Needs needs = new Needs(bundles);
    if (!Lambdas.isLambda(type)) {
      @Nullable Object[] values = joined(new Object[] {function}, arguments);
      Bytes encoded = valueCodec.encode(values, limit, index -> nameOf(function, index, 1), needs);
      return new EncodedCall(Functions.codeOf(type), encoded, needs.bundle(function));
    }
    switch (Lambdas.of(type)) {
      case Lambdas.Open open -> {
        Bytes code = open.code(function);
        @Nullable Object[] values =
            open.capturing() ? joined(captures(open.parts(function)), arguments) : arguments;
        int captured = values.length - arguments.length;
        Bytes encoded =
            valueCodec.encode(values, limit, index -> nameOf(function, index, captured), needs);
        return new EncodedCall(code, encoded, needs.bundle(function));
      }
      case Lambdas.Closed closed ->
          throw new EncodingException(
              "The function ("
                  + EncodingRefusal.nameOf(type)
                  + ") cannot be encoded: "
                  + closed.reason(),
              null);
      case Lambdas.Internal _ ->
          throw new EncodingException(
              "The function ("
                  + EncodingRefusal.nameOf(type)
                  + ") cannot be encoded: it is the JDK's",
              null);
    }
  }

  /**
   * Encodes a call of a function by its name. Its result will be JSON in UTF-8, as a byte array.
   *
   * @param function what {@link FunctionName#encode} has returned
   * @param arguments each as JSON in UTF-8
   * @param shipped whether the function may be in the code of the program
   * @param limit how many bytes the arguments may take
   * @throws EncodingException if they take more than the limit, or if the code of the program
   *     cannot be read
   */
  public EncodedCall encodeNamed(
      Bytes function, List<byte[]> arguments, boolean shipped, long limit) {
    Bytes bundle = shipped && bundles != null ? bundles.bundle() : Bytes.empty();
    return new EncodedCall(function, JsonArguments.encode(arguments, limit), bundle);
  }

  /**
   * Returns the one form of what a function captures and is called with.
   *
   * @param encoded the arguments, as {@link #encode} has encoded them
   * @param from what the program's classes come from
   * @return the form with the id of the code; none if it changes from one encoding to the next, or
   *     if the code cannot be read
   */
  public Canonical canonical(
      Serializable function, @Nullable Object[] arguments, Bytes encoded, Bundles from) {
    Needs needs = new Needs(from);
    try {
      @Nullable Object[] values = valuesOf(function, arguments);
      Bytes form = ValueCodec.encodePlain(values);
      if (form == null) {
        long sent = encoded.length();
        form = canonicalForms.encode(values, sent, needs);
        @Nullable Object[] copy = valueCodec.decode(encoded, index -> "value " + (index + 1));
        if (!form.equals(canonicalForms.encode(copy, sent, null))) {
          return new Canonical.None(
              "their captured values or arguments are encoded differently each time, or "
                  + "have an order that changes from one process to the next");
        }
      }
      return new Canonical.Form(form, needs.bundle(function));
    } catch (EncodingException e) {
      return new Canonical.None(String.valueOf(e.getMessage()));
    } catch (RuntimeException | StackOverflowError | LinkageError e) {
      return noCanonical("what they capture or are called with", e);
    }
  }

  /** Returns the one form of values. */
  public Canonical canonical(@Nullable Object[] values) {
    try {
      return new Canonical.Form(canonicalForms.encode(values, 0, null), Bytes.empty());
    } catch (RuntimeException | StackOverflowError | LinkageError e) {
      return noCanonical("one of them", e);
    }
  }

  private static Canonical noCanonical(String what, Throwable e) {
    return new Canonical.None(
        switch (e) {
          case EncodingRefusal refusal -> refusal.sentence(what, null, "put into one form");
          case Sink.LimitReached limit -> limit.sentence(what);
          case Error error -> what + " cannot be put into one form: " + ValueCodec.describe(error);
          default -> what + " cannot be put into one form: " + EncodingRefusal.describe(e);
        });
  }

  /** Returns what a function captures, or the function itself, and its arguments. */
  private static @Nullable Object[] valuesOf(Serializable function, @Nullable Object[] arguments) {
    if (!Lambdas.isLambda(function.getClass())) {
      return joined(new Object[] {function}, arguments);
    }
    return Lambdas.of(function.getClass()) instanceof Lambdas.Open open && open.capturing()
        ? joined(captures(open.parts(function)), arguments)
        : arguments;
  }

  /** Returns what a function is called, for people. */
  public static String nameOf(Serializable function) {
    return EncodingRefusal.nameOf(function.getClass());
  }

  /** Collects the classes of a call whose code is in no file. Used by one thread. */
  private static final class Needs implements Consumer<Class<?>> {
    private final @Nullable Bundles bundles;
    private @Nullable Set<Class<?>> loose;

    Needs(@Nullable Bundles bundles) {
      this.bundles = bundles;
    }

    @Override
    public void accept(Class<?> type) {
      if (bundles != null && bundles.isLoose(type)) {
        if (loose == null) {
          loose = new LinkedHashSet<>();
        }
        loose.add(type);
      }
    }

    Bytes bundle(Serializable function) {
      if (bundles == null) {
        return Bytes.empty();
      }
      Class<?> type = function.getClass();
      EntryPoint entry = bundles.isLoose(type) ? Lambdas.entryOf(function) : null;
      return bundles.bundle(type, entry, loose == null ? Set.of() : loose);
    }
  }

  private static @Nullable Object[] captures(SerializedLambda parts) {
    @Nullable Object[] captures = new Object[parts.getCapturedArgCount()];
    for (int i = 0; i < captures.length; i++) {
      captures[i] = parts.getCapturedArg(i);
    }
    return captures;
  }

  private static @Nullable Object[] joined(@Nullable Object[] first, @Nullable Object[] second) {
    @Nullable Object[] joined = new Object[first.length + second.length];
    System.arraycopy(first, 0, joined, 0, first.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }

  private static String nameOf(Object function, int index, int captured) {
    if (index >= captured) {
      return "argument " + (index - captured + 1);
    }
    return Lambdas.isLambda(function.getClass())
        ? Lambdas.captureName(function, index)
        : "the function";
  }

  /**
   * Decodes a call.
   *
   * @param function what {@link #encode} gave as the function
   * @param arguments what it gave as the arguments
   * @throws EncodingException if it cannot be decoded with the classes here
   * @throws UncallableException if it is of a function by its name, and cannot be made here
   */
  public DecodedCall decode(Bytes function, Bytes arguments) {
    try (var in = new DataInputStream(function.stream())) {
      byte kind = in.readByte();
      if (kind == Functions.NAMED) {
        return decodeNamed(function, FunctionName.read(in), JsonArguments.decode(arguments));
      }
      @Nullable Object[] values =
          valueCodec.decode(arguments, index -> "value " + (index + 1) + " of the call");
      int captures = kind == Functions.LAMBDA ? in.readUnsignedByte() : -1;
      if (captures >= 0) {
        Lambdas.Blueprint blueprint = lambdas.blueprint(function);
        Object lambda = blueprint.build(Arrays.copyOf(values, captures));
        @Nullable Object[] rest =
            captures == 0 ? values : Arrays.copyOfRange(values, captures, values.length);
        return () -> Functions.call(lambda, rest);
      }
      Object object = values[0];
      @Nullable Object[] rest = Arrays.copyOfRange(values, 1, values.length);
      return () -> Functions.call(Objects.requireNonNull(object), rest);
    } catch (EncodingRefusal e) {
      throw new EncodingException(e.sentence("The function", null, "decoded"), e.getCause());
    } catch (IOException | IndexOutOfBoundsException e) {
      throw new EncodingException("The function cannot be decoded: its bytes are damaged", e);
    } catch (StackOverflowError | LinkageError e) {
      throw new EncodingException("The function cannot be decoded: " + ValueCodec.describe(e), e);
    }
  }

  private DecodedCall decodeNamed(Bytes function, FunctionName name, List<byte[]> arguments) {
    JsonBinding json = jsonBinding();
    return named
        .computeIfAbsent(
            new NamedCall(function, arguments.size()),
            call -> NamedFunction.find(name, classes.loader(), call.arguments, json))
        .call(arguments);
  }

  private JsonBinding jsonBinding() {
    JsonBinding made = jsonBinding;
    if (made == null) {
      made = JsonBinding.of(classes.loader());
      jsonBinding = made;
    }
    return made;
  }

  /**
   * Encodes a value, such as the result of a job.
   *
   * @param value the value
   * @param limit how many bytes it may take
   * @throws EncodingException if something in it cannot be encoded, naming the path to it, or if it
   *     takes more than the limit
   */
  public Bytes encodeValue(@Nullable Object value, long limit) {
    return valueCodec.encode(new Object[] {value}, limit, _ -> RESULT, null);
  }

  /**
   * Decodes what {@link #encodeValue} gave.
   *
   * @throws EncodingException if it cannot be decoded with the classes here
   */
  public @Nullable Object decodeValue(Bytes value) {
    @Nullable Object[] values = valueCodec.decode(value, _ -> RESULT);
    if (values.length != 1) {
      throw new EncodingException("The result cannot be decoded: its bytes are damaged", null);
    }
    return values[0];
  }

  /**
   * Returns the JSON that a function called by its name has returned; empty if a value is anything
   * else. No object is made of it, so strangers may have made the value.
   */
  public Optional<byte[]> decodeJson(Bytes value) {
    return valueCodec.decodeBytes(value);
  }

  /**
   * Encodes what a function threw: name, message, stack trace, causes and suppressed exceptions,
   * and the objects where they can be encoded. Never throws; what is too long is cut.
   */
  public Bytes encodeFailure(Throwable failure) {
    return failures.encode(failure);
  }

  /**
   * Decodes what {@link #encodeFailure} gave.
   *
   * @return the exception itself where its object could be rebuilt and can be read, otherwise a
   *     {@link dev.grain.RemoteException} in its place; one whose message differs from that where
   *     it was thrown has the original message in a suppressed one. The same holds for each cause
   *     and each suppressed exception
   * @throws EncodingException if the bytes are damaged
   */
  public Throwable decodeFailure(Bytes failure) {
    return failures.decode(failure);
  }

  /**
   * Returns what the JVM would have printed in front of the stack trace of what {@link
   * #encodeFailure} was given, where that was thrown.
   *
   * @throws EncodingException if the bytes are damaged
   */
  public static String describeFailure(Bytes failure) {
    return Failures.printed(failure);
  }
}
