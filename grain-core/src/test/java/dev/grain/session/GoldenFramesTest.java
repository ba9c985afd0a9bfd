package dev.grain.session;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.custom;
import static dev.grain.resource.Resources.memory;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.bytes.Bytes;
import dev.grain.message.AttemptEnd;
import dev.grain.message.CodeRef;
import dev.grain.message.Isolation;
import dev.grain.message.LoginResult;
import dev.grain.message.Message;
import dev.grain.message.Order;
import dev.grain.message.Work;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Fractions;
import dev.grain.resource.internal.Holdings;
import dev.grain.resource.internal.Kind;
import dev.grain.resource.internal.Units;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The bytes of each frame and each message, as {@code frames.txt} has them. A change of them is a
 * change of the protocol.
 */
public final class GoldenFramesTest {
  private static final Bytes HASH = Bytes.of(new byte[] {(byte) 0xa1, (byte) 0xa2, (byte) 0xa3});

  private static final Order ORDER =
      new Order(
          "r1",
          300,
          300,
          1,
          true,
          new Order.Spec(
              "näh",
              Demand.of(cpu(1)),
              Order.Limits.ofTime(1_000_000),
              new Work.Call(bytes("fn"), true),
              new Order.Setting(new CodeRef.Bundle(HASH))),
          bytes("args"));

  /** The frames, by what they are. */
  private static Map<String, List<Frame>> samples() {
    Map<String, List<Frame>> samples = new LinkedHashMap<>();
    samples.put("Heartbeat", List.of(new Frame.Heartbeat()));
    samples.put("Ack", List.of(new Frame.Ack(300)));
    samples.put("TooLarge", List.of(new Frame.TooLarge(2)));
    samples.put("Hold", List.of(new Frame.Hold(3)));
    samples.put("GoOn", List.of(new Frame.GoOn(3)));
    samples.put("Goodbye", List.of(new Frame.Goodbye("The run has ended.")));
    samples.put("Chunk", List.of(new Frame.Chunk(5, 2, 70_000, bytes("data"))));
    samples.put(
        "Large",
        List.of(
            new Frame.Large(
                6,
                new Message.Ended(3, 1, new AttemptEnd.Value(Bytes.empty()), 9),
                List.of(new Frame.Part(0, 2)))));
    samples.put("Order", messages(ORDER));
    samples.put("Order, plain", messages(plain("r1", 0, Order.Limits.NONE)));
    samples.put("Order, twice", messages(ORDER, ORDER));
    samples.put("Order, of another number in its run", messages(plain("r2", 7, Order.Limits.NONE)));
    samples.put(
        "Order, of another cancel grace", messages(plain("r1", 0, new Order.Limits(0, 500))));
    samples.put(
        "Order, of a command",
        messages(
            new Order(
                "r",
                8,
                8,
                1,
                false,
                new Order.Spec(
                    "",
                    Demand.of(cpu(1)),
                    Order.Limits.NONE,
                    new Work.Command(bytes("line")),
                    Order.Setting.OWN),
                bytes("input"))));
    samples.put(
        "Order, isolated",
        messages(
            new Order(
                "r",
                8,
                8,
                1,
                false,
                new Order.Spec(
                    "",
                    Demand.of(cpu(1)),
                    Order.Limits.NONE,
                    new Work.Call(bytes("fn"), false),
                    new Order.Setting(
                        new CodeRef.Bundle(HASH),
                        Isolation.Jvm.of("/opt/jdk", List.of("-Xss4m", "-ea")))),
                bytes("input"))));
    samples.put(
        "Order, in a container",
        messages(
            new Order(
                "r",
                8,
                8,
                1,
                false,
                new Order.Spec(
                    "",
                    Demand.of(cpu(1)),
                    Order.Limits.NONE,
                    new Work.Command(bytes("line")),
                    new Order.Setting(CodeRef.OWN, new Isolation.Container(bytes("setting")))),
                bytes("input"))));
    samples.put(
        "Order, by Apptainer",
        messages(
            new Order(
                "r",
                8,
                8,
                1,
                false,
                new Order.Spec(
                    "",
                    Demand.of(cpu(1)),
                    Order.Limits.NONE,
                    new Work.Command(bytes("line")),
                    new Order.Setting(CodeRef.OWN, new Isolation.Apptainer(bytes("setting")))),
                bytes("input"))));
    samples.put(
        "Order, prepared",
        messages(
            new Order(
                "r",
                8,
                8,
                1,
                false,
                new Order.Spec(
                    "",
                    Demand.of(cpu(1)),
                    Order.Limits.NONE,
                    new Work.Command(bytes("line")),
                    new Order.Setting(CodeRef.OWN, Isolation.NONE, bytes("needs"))),
                bytes("input"))));
    samples.put(
        "Order, without code of the program",
        messages(
            new Order(
                "r",
                8,
                8,
                1,
                false,
                new Order.Spec(
                    "",
                    Demand.of(cpu(1)),
                    Order.Limits.NONE,
                    new Work.Call(bytes("fn"), false),
                    new Order.Setting(CodeRef.NONE)),
                bytes("input"))));
    samples.put("TakeBack", messages(new Message.TakeBack(1, 2)));
    samples.put("Stop", messages(new Message.Stop(1, 2)));
    samples.put("Settled", messages(new Message.Settled(1, 2)));
    samples.put("Drain", messages(new Message.Drain(true)));
    samples.put("CodeContent", messages(new Message.CodeContent(HASH, bytes("code"))));
    samples.put("CodeMissing", messages(new Message.CodeMissing(HASH, "gone")));
    samples.put("RunOver", messages(new Message.RunOver("r1")));
    samples.put("LoginAnswer, none", messages(answer(Message.Service.GIT, new LoginResult.None())));
    samples.put(
        "LoginAnswer, refused",
        messages(answer(Message.Service.GIT, new LoginResult.Refused("no"))));
    samples.put(
        "LoginAnswer, password",
        messages(answer(Message.Service.DOCKER, new LoginResult.Password("ann", bytes("s3cret")))));
    samples.put(
        "LoginAnswer, ssh key",
        messages(answer(Message.Service.GIT, new LoginResult.SshKey("git", bytes("key")))));
    samples.put(
        "Started",
        messages(
            new Message.Started(
                1, 2, new Fractions(-1, 3, List.of(new Units(Kind.GPU, List.of(2)))))));
    samples.put("Freed", messages(new Message.Freed(1, 2, 1_000)));
    samples.put(
        "Ended, value", messages(new Message.Ended(1, 2, new AttemptEnd.Value(bytes("v")), 1_000)));
    samples.put(
        "Ended, failure",
        messages(new Message.Ended(1, 2, new AttemptEnd.Failure(bytes("f"), "failed"), 1_000)));
    samples.put(
        "Ended, timed out", messages(new Message.Ended(1, 2, new AttemptEnd.TimedOut(), 1_000)));
    samples.put(
        "Ended, out of memory",
        messages(new Message.Ended(1, 2, new AttemptEnd.OutOfMemory("r", 300, -1), 1_000)));
    samples.put(
        "Ended, cancelled", messages(new Message.Ended(1, 2, new AttemptEnd.Cancelled(), 1_000)));
    samples.put(
        "Ended, not started",
        messages(new Message.Ended(1, 2, new AttemptEnd.NotStarted("r"), 1_000)));
    samples.put(
        "Ended, unable", messages(new Message.Ended(1, 2, new AttemptEnd.Unable("r"), 1_000)));
    samples.put(
        "Ended, unprepared",
        messages(new Message.Ended(1, 2, new AttemptEnd.Unprepared("r"), 1_000)));
    samples.put("Returned", messages(new Message.Returned(1, 2)));
    samples.put("Preparing", messages(new Message.Preparing(1, 2, "ab")));
    samples.put("NotStopping", messages(new Message.NotStopping(1, 2, true)));
    samples.put("Output", messages(new Message.Output(1, 2, bytes("hello"), true)));
    samples.put("NeedCode", messages(new Message.NeedCode(HASH)));
    samples.put(
        "NeedLogin", messages(new Message.NeedLogin("r1", Message.Service.GIT, "ssh://h/r")));
    samples.put("Draining", messages(new Message.Draining()));
    samples.put(
        "Holding, waiting",
        messages(new Message.Holding(1, 2, Message.Held.WAITING, Fractions.NONE, 0)));
    samples.put(
        "Holding, running",
        messages(
            new Message.Holding(
                1,
                2,
                Message.Held.RUNNING,
                new Fractions(-1, 3, List.of(new Units(Kind.GPU, List.of(2)))),
                1_000)));
    samples.put(
        "Holding, ended",
        messages(new Message.Holding(1, 2, Message.Held.ENDED, Fractions.NONE, 0)));
    samples.put("HoldingAll", messages(new Message.HoldingAll()));
    samples.put(
        "OthersHold",
        messages(
            new Message.OthersHold(
                new Holdings(
                    3,
                    false,
                    Demand.of(cpu(2).and(memory(1 << 20)).and(custom("PORT", 2))).parts(),
                    List.of(new Holdings.Share(4, 2_500)),
                    List.of(new Holdings.Share(0, 5_000)),
                    List.of(new Units(Kind.custom("PORT"), List.of(0, 4)))),
                true)));
    return samples;
  }

  private static Message answer(Message.Service service, LoginResult result) {
    return new Message.LoginAnswer("r1", service, "host/r", result);
  }

  private static Order plain(String run, long job, Order.Limits limits) {
    Order.Spec spec =
        new Order.Spec(
            "", Demand.of(cpu(1)), limits, new Work.Call(bytes("fn"), false), Order.Setting.OWN);
    return new Order(run, job, 0, 1, false, spec, Bytes.empty());
  }

  private static List<Frame> messages(Message... messages) {
    return List.of(new Frame.Messages(1, Arrays.asList(messages)));
  }

  private static Bytes bytes(String text) {
    return Bytes.of(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void encode_eachFrame_givesItsGoldenBytes() throws IOException {
    List<String> lines = new ArrayList<>();
    samples().forEach((name, frames) -> lines.add(name + ": " + hex(encode(frames))));

    assertThat(String.join("\n", lines)).isEqualTo(String.join("\n", goldenLines()));
  }

  @Test
  void decode_eachGoldenLine_givesTheFrame() throws IOException {
    List<List<Frame>> decoded = new ArrayList<>();
    for (byte[] golden : goldenBytes().toList()) {
      decoded.add(decode(golden));
    }
    assertThat(decoded).isEqualTo(List.copyOf(samples().values()));
  }

  @Test
  void samples_showEachTypeOfMessage() {
    List<Class<?>> shown = new ArrayList<>();
    samples().values().stream()
        .flatMap(List::stream)
        .filter(Frame.Messages.class::isInstance)
        .flatMap(frame -> ((Frame.Messages) frame).messages().stream())
        .forEach(message -> shown.add(message.getClass()));

    assertThat(shown)
        .contains(Message.ToNode.class.getPermittedSubclasses())
        .contains(Message.ToHead.class.getPermittedSubclasses());
  }

  private static byte[] encode(List<Frame> frames) {
    FrameCodec codec = new FrameCodec(16);
    ByteBuf all = Unpooled.buffer();
    for (Frame frame : frames) {
      ByteBuf encoded = codec.encode(frame, UnpooledByteBufAllocator.DEFAULT);
      all.writeBytes(encoded);
      encoded.release();
    }
    byte[] bytes = new byte[all.readableBytes()];
    all.readBytes(bytes);
    all.release();
    return bytes;
  }

  private static List<Frame> decode(byte[] bytes) throws WireException {
    FrameCodec codec = new FrameCodec(16);
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    List<Frame> frames = new ArrayList<>();
    for (Frame frame = codec.decode(in); frame != null; frame = codec.decode(in)) {
      frames.add(frame);
    }
    assertThat(in.isReadable()).isFalse();
    return frames;
  }

  /** The length, the type, and the rest in groups of four bytes. */
  private static String hex(byte[] bytes) {
    String hex = HexFormat.of().formatHex(bytes);
    String rest = hex.substring(10).replaceAll("(.{8})(?=.)", "$1 ");
    return (hex.substring(0, 8) + " " + hex.substring(8, 10) + " " + rest).strip();
  }

  /** Returns the bytes of each line. */
  public static Stream<byte[]> goldenBytes() throws IOException {
    return goldenLines().stream()
        .map(line -> line.substring(line.indexOf(": ") + 2).replace(" ", ""))
        .map(HexFormat.of()::parseHex);
  }

  private static List<String> goldenLines() throws IOException {
    try (InputStream file = GoldenFramesTest.class.getResourceAsStream("frames.txt")) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#") && !line.isBlank())
          .toList();
    }
  }
}
