package dev.grain.code;

import dev.grain.bytes.Bytes;
import dev.grain.code.bundle.EntryPoint;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleInfo;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Takes lambdas and method references apart and builds them again, with the classes of this side.
 *
 * <p>A lambda is asked for its {@link SerializedLambda}, whose parts apart from the captures are
 * the same for all objects of its class, and are encoded once for each class. On the other side a
 * {@code SerializedLambda} with the class of that side is handed to the method that the compiler
 * made for this purpose. Safe for all threads.
 */
final class Lambdas {
  private static final ClassValue<Site> SITES =
      new ClassValue<>() {
        @Override
        protected Site computeValue(Class<?> type) {
          return siteOf(type);
        }
      };

  private final ClassFinder classes;
  private final Map<Bytes, Blueprint> blueprints = new ConcurrentHashMap<>();

  Lambdas(ClassFinder classes) {
    this.classes = classes;
  }

  /** Returns whether objects of the class are lambdas or method references. */
  static boolean isLambda(Class<?> type) {
    return type.isHidden() && type.isSynthetic();
  }

  /** Returns the name of the class in which the lambda was written. */
  static String hostOf(Class<?> lambda) {
    String name = lambda.getName();
    int end = name.indexOf("$$Lambda");
    return end < 0 ? name : name.substring(0, end);
  }

  /** What all objects of one lambda class have in common, and what can be encoded of it. */
  sealed interface Site {}

  /** Its captures can be sent. */
  static final class Open implements Site {
    private final Method writeReplace;
    private final boolean capturing;
    // set by any thread, always to an equal value
    private volatile @Nullable Bytes code;

    Open(Method writeReplace, boolean capturing) {
      this.writeReplace = writeReplace;
      this.capturing = capturing;
    }

    boolean capturing() {
      return capturing;
    }

    /** Returns the identity of the code, which all objects of the class share. */
    Bytes code(Object lambda) {
      Bytes known = code;
      if (known == null) {
        known = encode(parts(lambda));
        code = known;
      }
      return known;
    }

    /** Returns the lambda taken apart. */
    SerializedLambda parts(Object lambda) {
      try {
        return (SerializedLambda) writeReplace.invoke(lambda);
      } catch (ReflectiveOperationException | ClassCastException e) {
        throw EncodingRefusal.of(lambda.getClass(), "it cannot be taken apart", e);
      }
    }
  }

  /** It is one of the JDK's, and only the JDK may take it apart. */
  record Internal() implements Site {}

  /** It cannot be sent. */
  record Closed(String reason) implements Site {}

  /** Returns what is known of the lambda's class. */
  static Site of(Class<?> lambda) {
    return SITES.get(lambda);
  }

  /** Returns the method that a lambda calls; null for what is none that can be sent. */
  static @Nullable EntryPoint entryOf(Object function) {
    if (!isLambda(function.getClass()) || !(of(function.getClass()) instanceof Open open)) {
      return null;
    }
    SerializedLambda parts = open.parts(function);
    return new EntryPoint(
        parts.getImplClass(), parts.getImplMethodName() + parts.getImplMethodSignature());
  }

  private static Site siteOf(Class<?> type) {
    if (!Serializable.class.isAssignableFrom(type)) {
      return new Closed(
          "its type is not Serializable; declare it with a type that is, or cast it where it is"
              + " written, as in (Comparator<T> & Serializable) (a, b) -> ...");
    }
    if (Choice.isJdk(type)) {
      return new Internal();
    }
    try {
      Method writeReplace = type.getDeclaredMethod("writeReplace");
      if (!writeReplace.trySetAccessible()) {
        return new Closed(Choice.closedPackage(type));
      }
      return new Open(writeReplace, type.getDeclaredFields().length > 0);
    } catch (NoSuchMethodException e) {
      return new Closed("it was made without the method that takes it apart");
    }
  }

  private static Bytes encode(SerializedLambda parts) {
    var bytes = new ByteArrayOutputStream(256);
    try (var out = new DataOutputStream(bytes)) {
      out.writeByte(Functions.LAMBDA);
      out.writeByte(parts.getCapturedArgCount());
      out.writeUTF(parts.getCapturingClass());
      out.writeUTF(parts.getFunctionalInterfaceClass());
      out.writeUTF(parts.getFunctionalInterfaceMethodName());
      out.writeUTF(parts.getFunctionalInterfaceMethodSignature());
      out.writeByte(parts.getImplMethodKind());
      out.writeUTF(parts.getImplClass());
      out.writeUTF(parts.getImplMethodName());
      out.writeUTF(parts.getImplMethodSignature());
      out.writeUTF(parts.getInstantiatedMethodType());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Bytes.of(bytes.toByteArray());
  }

  /** Returns how to build the lambda with these classes. */
  Blueprint blueprint(Bytes code) {
    Blueprint known = blueprints.get(code);
    if (known == null) {
      known = Blueprint.of(code, classes);
      blueprints.put(code, known);
    }
    return known;
  }

  /** How to build the lambdas of one class. */
  static final class Blueprint {
    private final Class<?> host;
    private final Method deserialize;
    private final String[] texts;
    private final int implMethodKind;
    private final int captures;
    // a lambda without captures has no state: one is enough; set by any thread
    private volatile @Nullable Object only;
    // whether the class builds the right lambda, and its method if not; set by any thread
    private volatile boolean exact;
    private volatile @Nullable MethodHandle method;

    private Blueprint(
        Class<?> host, Method deserialize, String[] texts, int implMethodKind, int captures) {
      this.host = host;
      this.deserialize = deserialize;
      this.texts = texts;
      this.implMethodKind = implMethodKind;
      this.captures = captures;
    }

    private static Blueprint of(Bytes code, ClassFinder classes) {
      try (var in = new DataInputStream(code.stream())) {
        in.readByte();
        int captures = in.readUnsignedByte();
        String hostName = in.readUTF().replace('/', '.');
        String[] texts = new String[7];
        texts[0] = in.readUTF();
        texts[1] = in.readUTF();
        texts[2] = in.readUTF();
        int kind = in.readUnsignedByte();
        for (int i = 3; i < texts.length; i++) {
          texts[i] = in.readUTF();
        }
        return of(hostName, texts, kind, captures, classes);
      } catch (IOException e) {
        throw EncodingRefusal.of(Object.class, "the bytes of the lambda are damaged", e);
      }
    }

    private static Blueprint of(
        String hostName, String[] texts, int kind, int captures, ClassFinder classes) {
      try {
        Class<?> host = classes.find(hostName);
        Method deserialize = host.getDeclaredMethod("$deserializeLambda$", SerializedLambda.class);
        if (!deserialize.trySetAccessible()) {
          throw EncodingRefusal.of(host, Choice.closedPackage(host));
        }
        return new Blueprint(host, deserialize, texts, kind, captures);
      } catch (ClassNotFoundException | LinkageError e) {
        throw EncodingRefusal.ofUnknown(hostName, e);
      } catch (NoSuchMethodException e) {
        throw EncodingRefusal.ofUnknown("a lambda in " + hostName, e);
      }
    }

    int captures() {
      return captures;
    }

    /** Returns a lambda with these captures. */
    Object build(@Nullable Object[] captured) {
      Object known = only;
      if (known != null) {
        return known;
      }
      SerializedLambda parts =
          new SerializedLambda(
              host,
              texts[0],
              texts[1],
              texts[2],
              implMethodKind,
              texts[3],
              texts[4],
              texts[5],
              texts[6],
              captured);
      try {
        Object lambda = method == null ? deserialize.invoke(null, parts) : null;
        if (lambda == null || !isExact(lambda)) {
          lambda = own(captured);
        }
        if (captured.length == 0) {
          only = lambda;
        }
        return lambda;
      } catch (InvocationTargetException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        throw EncodingRefusal.of(
            host, "the lambda could not be built: " + EncodingRefusal.describe(cause), cause);
      } catch (ReflectiveOperationException | RuntimeException e) {
        throw EncodingRefusal.of(
            host, "the lambda could not be built: " + EncodingRefusal.describe(e), e);
      }
    }

    /**
     * Returns whether what the class built has the types that were asked for: where a class refers
     * to one generic method several times, with different types, javac lets it build the first of
     * them for all.
     */
    private boolean isExact(Object lambda) {
      if (!exact) {
        exact =
            Lambdas.of(lambda.getClass()) instanceof Open open
                && open.parts(lambda).getInstantiatedMethodType().equals(texts[6]);
      }
      return exact;
    }

    /** Builds the lambda without the class, on its method alone. */
    private Object own(@Nullable Object[] captured) throws ReflectiveOperationException {
      MethodHandle known = method;
      if (known == null) {
        known = method(host.getClassLoader());
        method = known;
      }
      Class<?> type = Class.forName(texts[0].replace('/', '.'), false, host.getClassLoader());
      return MethodHandleProxies.asInterfaceInstance(
          type, MethodHandles.insertArguments(known, 0, captured));
    }

    private MethodHandle method(@Nullable ClassLoader loader) throws ReflectiveOperationException {
      MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(host, MethodHandles.lookup());
      Class<?> owner = Class.forName(texts[3].replace('/', '.'), false, loader);
      MethodType type = MethodType.fromMethodDescriptorString(texts[5], loader);
      return switch (implMethodKind) {
        case MethodHandleInfo.REF_invokeStatic -> lookup.findStatic(owner, texts[4], type);
        case MethodHandleInfo.REF_newInvokeSpecial -> lookup.findConstructor(owner, type);
        case MethodHandleInfo.REF_invokeSpecial -> lookup.findSpecial(owner, texts[4], type, host);
        default -> lookup.findVirtual(owner, texts[4], type);
      };
    }
  }

  /** Returns what capture number {@code index} is to the user. */
  static String captureName(Object lambda, int index) {
    if (!(of(lambda.getClass()) instanceof Open open)) {
      return "capture " + (index + 1);
    }
    SerializedLambda parts = open.parts(lambda);
    String host = parts.getCapturingClass().replace('/', '.');
    boolean reference = !parts.getImplMethodName().startsWith("lambda$");
    boolean receiver =
        index == 0
            && (parts.getImplMethodKind() == MethodHandleInfo.REF_invokeSpecial
                || parts.getImplMethodKind() == MethodHandleInfo.REF_invokeVirtual
                || parts.getImplMethodKind() == MethodHandleInfo.REF_invokeInterface);
    if (reference) {
      return "the receiver of the method reference ::" + parts.getImplMethodName() + " in " + host;
    }
    if (receiver) {
      return "captured this";
    }
    return "capture " + (captures(parts, index) + 1) + " of the lambda in " + host;
  }

  /** A lambda that captures this counts its captures from there. */
  private static int captures(SerializedLambda parts, int index) {
    return parts.getImplMethodKind() == MethodHandleInfo.REF_invokeStatic ? index : index - 1;
  }
}
