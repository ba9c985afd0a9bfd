package dev.grain.code;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import dev.grain.bytes.Bytes;
import java.lang.invoke.SerializedLambda;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Lambdas and method references inside values. */
final class LambdaSerializer extends Serializer<Object> {
  private final Engine engine;
  private final Lambdas table;
  private final JavaSerializer java;

  LambdaSerializer(Engine engine, Lambdas table, JavaSerializer java) {
    this.engine = engine;
    this.table = table;
    this.java = java;
  }

  @Override
  public void write(Kryo kryo, Output output, Object lambda) {
    if (kryo.getDepth() > Engine.MAX_DEPTH) {
      throw EncodingRefusal.ofDepth(lambda.getClass());
    }
    switch (Lambdas.of(lambda.getClass())) {
      case Lambdas.Closed closed -> throw EncodingRefusal.of(lambda.getClass(), closed.reason());
      case Lambdas.Internal _ -> {
        output.writeBoolean(false);
        java.write(kryo, output, lambda);
      }
      case Lambdas.Open open -> {
        output.writeBoolean(true);
        writeOpen(kryo, output, open, lambda);
      }
    }
  }

  private void writeOpen(Kryo kryo, Output output, Lambdas.Open open, Object lambda) {
    engine.met(lambda.getClass());
    int id = engine.references().open();
    byte[] code = Objects.requireNonNull(open.code(lambda).single());
    output.writeVarInt(code.length, true);
    output.writeBytes(code);
    if (open.capturing()) {
      SerializedLambda parts = open.parts(lambda);
      for (int i = 0; i < parts.getCapturedArgCount(); i++) {
        try {
          kryo.writeClassAndObject(output, parts.getCapturedArg(i));
        } catch (RuntimeException e) {
          throw EncodingRefusal.at(
              lambda.getClass(), ".<" + Lambdas.captureName(lambda, i) + ">", e);
        }
      }
    }
    engine.references().close(id);
  }

  @Override
  public @Nullable Object read(Kryo kryo, Input input, Class<?> type) {
    if (!input.readBoolean()) {
      return java.read(kryo, input, type);
    }
    Bytes code = Bytes.of(input.readBytes(input.readVarInt(true)));
    Lambdas.Blueprint blueprint = table.blueprint(code);
    @Nullable Object[] captured = new Object[blueprint.captures()];
    for (int i = 0; i < captured.length; i++) {
      captured[i] = kryo.readClassAndObject(input);
    }
    return blueprint.build(captured);
  }
}
