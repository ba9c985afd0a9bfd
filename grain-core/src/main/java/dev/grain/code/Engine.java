package dev.grain.code;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.Registration;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.KryoBufferUnderflowException;
import com.esotericsoftware.kryo.io.Output;
import com.esotericsoftware.kryo.serializers.ClosureSerializer;
import com.esotericsoftware.kryo.util.DefaultClassResolver;
import dev.grain.bytes.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationHandler;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One Kryo with its buffers. Used by one thread at a time, then put back into the pool; one that
 * failed is thrown away, as its state is unknown.
 */
final class Engine {
  /**
   * How deep objects may be nested: little enough for the stack of any ordinary thread (about 1 KiB
   * each), on the side that decodes as well.
   */
  static final int MAX_DEPTH = 500;

  private static final int BUFFER = 4 * 1024;

  /** Longest sequence for which the input, with the strings it has grown for, is kept. */
  private static final int KEPT_INPUT = 64 * 1024;

  private static final byte[] NOTHING = {};

  private final ClassFinder classes;
  private final References references;
  // whether what it writes is to be compared, and never decoded
  private final boolean canonical;
  private final Graph kryo;
  private final Sink sink = new Sink();
  private final Output output = new DirectOutput();
  private final Choice choice;
  private Input input = new Input();

  // whether Serializable objects inside others with Java serialization stay there
  private boolean nested;
  // who wants to know the classes of what is encoded
  private @Nullable Consumer<Class<?>> listener;
  // what of an exception is encoded or decoded elsewhere
  private FailureParts failure = FailureParts.NONE;
  private FailureParts.Rebuilt rebuilding = FailureParts.Rebuilt.NONE;
  private CanonicalForms.@Nullable CallForm canonicalCall;

  Engine(ClassFinder classes, Lambdas lambdas) {
    this(classes, lambdas, false);
  }

  Engine(ClassFinder classes, Lambdas lambdas, boolean canonical) {
    this.classes = classes;
    this.canonical = canonical;
    this.references = new References(canonical);
    this.choice = new Choice(this, lambdas);
    this.kryo = new Graph();
    output.setOutputStream(sink);
  }

  /** Has what is longer than its buffer pass by the buffer. */
  private static final class DirectOutput extends Output {
    DirectOutput() {
      super(BUFFER, BUFFER);
    }

    @Override
    public void writeBytes(byte[] bytes, int offset, int count) {
      if (count <= BUFFER) {
        super.writeBytes(bytes, offset, count);
        return;
      }
      flush();
      try {
        getOutputStream().write(bytes, offset, count);
      } catch (IOException e) {
        throw new KryoException(e);
      }
      total += count;
    }
  }

  /** Has what is longer than its buffer pass by the buffer. */
  private static final class DirectInput extends Input {
    DirectInput(InputStream source) {
      super(BUFFER);
      setInputStream(source);
    }

    @Override
    public void readBytes(byte[] bytes, int offset, int count) {
      int buffered = Math.min(count, limit - position);
      super.readBytes(bytes, offset, buffered);
      int done = buffered;
      while (count - done > BUFFER) {
        int more = fill(bytes, offset + done, count - done);
        if (more < 0) {
          throw new KryoBufferUnderflowException("Buffer underflow.");
        }
        done += more;
        total += more;
      }
      super.readBytes(bytes, offset + done, count - done);
    }
  }

  ClassFinder classes() {
    return classes;
  }

  References references() {
    return references;
  }

  boolean canonical() {
    return canonical;
  }

  /** Returns the call that has the engine, which is one for canonical forms. */
  CanonicalForms.CallForm canonicalCall() {
    return Objects.requireNonNull(canonicalCall, "no canonical call");
  }

  /** Says which call has the engine, until the end of this graph. */
  void canonicalCall(CanonicalForms.CallForm call) {
    canonicalCall = call;
  }

  Sink sink() {
    return sink;
  }

  boolean nested() {
    return nested;
  }

  FailureParts failure() {
    return failure;
  }

  FailureParts.Rebuilt rebuilding() {
    return rebuilding;
  }

  /** Tells which parts of an exception are encoded elsewhere, until the end of this graph. */
  void failure(FailureParts parts) {
    failure = parts;
  }

  /** Tells where parts of an exception are found, until the end of this graph. */
  void rebuilding(FailureParts.Rebuilt parts) {
    rebuilding = parts;
  }

  /**
   * Starts a graph and returns where its parts go.
   *
   * @param limit how many bytes it may take
   * @param nestedObjects whether Serializable objects inside others with Java serialization stay
   * @param classes receives the classes that are named in the graph; null if not needed
   */
  Output write(long limit, boolean nestedObjects, @Nullable Consumer<Class<?>> classes) {
    nested = nestedObjects;
    listener = classes;
    output.reset();
    sink.start(limit);
    return output;
  }

  /** Ends the graph that {@link #write} started. */
  Bytes finish() {
    Bytes bytes = sink.finish(output);
    kryo.reset();
    sink.forget();
    failure = FailureParts.NONE;
    listener = null;
    canonicalCall = null;
    return bytes;
  }

  /** Takes note of a class that is encoded. */
  void met(Class<?> type) {
    if (listener != null) {
      listener.accept(type);
    }
  }

  /** Starts reading a graph. */
  Input read(Bytes bytes) {
    byte[] single = bytes.single();
    if (single != null) {
      input.setBuffer(single);
    } else {
      input = new DirectInput(bytes.stream());
    }
    return input;
  }

  /** Ends the graph that {@link #read} started. */
  void finishRead(Bytes bytes) {
    kryo.reset();
    rebuilding = FailureParts.Rebuilt.NONE;
    if (bytes.length() > KEPT_INPUT) {
      input = new Input();
    } else {
      input.setBuffer(NOTHING);
    }
  }

  Kryo kryo() {
    return kryo;
  }

  /** Kryo with our choice of serializers. */
  private final class Graph extends Kryo {
    Graph() {
      super(new Names(), references);
      setRegistrationRequired(false);
      setAutoReset(false);
      setClassLoader(classes.loader());
      setMaxDepth(MAX_DEPTH + 16);
      register(ClosureSerializer.Closure.class, choice.lambdas());
      register(InvocationHandler.class, choice.java());
      register(Class.class, choice.classes(super.getDefaultSerializer(Class.class)));
    }

    @Override
    @SuppressWarnings("rawtypes") // as in the superclass
    public Serializer getDefaultSerializer(Class type) {
      Serializer<?> chosen = choice.serializerOf(type);
      return chosen == null ? super.getDefaultSerializer(type) : chosen;
    }

    @Override
    @SuppressWarnings("rawtypes") // as in the superclass
    public boolean isClosure(Class type) {
      return Lambdas.isLambda(type);
    }
  }

  /** Finds classes by name with our loader and no other. */
  private final class Names extends DefaultClassResolver {
    private final Map<String, Class<?>> known = new HashMap<>();

    @Override
    @SuppressWarnings("rawtypes") // as in the superclass
    protected void writeName(Output target, Class type, Registration registration) {
      met(type);
      super.writeName(target, canonical ? JdkCollections.copyOf(type) : type, registration);
    }

    @Override
    protected Class<?> getTypeByName(String name) {
      Class<?> type = known.get(name);
      if (type == null) {
        try {
          type = Class.forPrimitiveName(name);
          if (type == null) {
            type = classes.find(name);
          }
        } catch (ClassNotFoundException | LinkageError e) {
          throw EncodingRefusal.ofUnknown(name, e);
        }
        known.put(name, type);
      }
      return type;
    }
  }
}
