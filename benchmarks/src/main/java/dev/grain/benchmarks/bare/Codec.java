package dev.grain.benchmarks.bare;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** A Kryo with its buffers, for one thread at a time. */
final class Codec {
  private static final AtomicReferenceArray<Codec> IDLE = new AtomicReferenceArray<>(16);

  static {
    System.setProperty("kryo.unsafe", "false"); // it would print about it
  }

  private final Kryo kryo = new Kryo();
  private final Output output = new Output(1024, -1);
  private final Input input = new Input();

  Codec() {
    kryo.setRegistrationRequired(false);
    kryo.setReferences(false);
    kryo.register(byte[].class);
  }

  /** Returns an idle one or makes one. For all threads. */
  static Codec take() {
    int start = (int) Thread.currentThread().threadId();
    for (int i = 0; i < IDLE.length(); i++) {
      int slot = (start + i) & (IDLE.length() - 1);
      if (IDLE.getPlain(slot) != null) {
        Codec taken = IDLE.getAndSet(slot, null);
        if (taken != null) {
          return taken;
        }
      }
    }
    return new Codec();
  }

  /** Puts it back, or drops it where there are enough. */
  void give() {
    int start = (int) Thread.currentThread().threadId();
    for (int i = 0; i < IDLE.length(); i++) {
      int slot = (start + i) & (IDLE.length() - 1);
      if (IDLE.getPlain(slot) == null && IDLE.compareAndSet(slot, null, this)) {
        return;
      }
    }
  }

  byte[] encode(Object value) {
    output.reset();
    kryo.writeClassAndObject(output, value);
    return output.toBytes();
  }

  /** Encodes the number of a function, and its argument. */
  byte[] encodeCall(int function, Object argument) {
    output.reset();
    output.writeByte(function);
    kryo.writeClassAndObject(output, argument);
    return output.toBytes();
  }

  Object decode(byte[] buffer, int from, int to) {
    input.setBuffer(buffer, from, to - from);
    return kryo.readClassAndObject(input);
  }
}
