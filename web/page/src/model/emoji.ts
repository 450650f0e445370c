// Emojis by what they are looked for; a few hundred, loaded when somebody wants one.

/** A line a group: its name, then each emoji with the words that find it. */
const TABLE = `
Smileys|😀 grin happy|😃 smile happy|😄 laugh happy|😁 beam|😆 laugh haha|😅 sweat relief|😂 joy tears lol|🤣 rofl rolling|🙂 slight smile|🙃 upside down|😉 wink|😊 blush|😇 angel innocent|🥰 love hearts|😍 heart eyes love|😘 kiss|😋 yum tasty|😛 tongue|🤪 zany crazy|🤨 eyebrow doubt|🤓 nerd|😎 cool sunglasses|🥳 party birthday|😏 smirk|😒 unamused|😞 sad disappointed|😔 pensive|😟 worried|😕 confused|🙁 frown|😣 struggle|😫 tired|🥺 please pleading|😢 cry sad|😭 sob cry|😤 huff|😠 angry|😡 rage mad|🤬 swearing|🤯 mind blown|😳 flushed|🥵 hot|🥶 cold|😱 scream fear|😨 fear|😰 anxious|🤗 hug|🤔 think hmm|🤭 giggle oops|🤫 quiet shush|🤥 lie|😶 speechless|😐 neutral|😬 grimace|🙄 eye roll|😴 sleep zzz|🤤 drool|😷 mask ill|🤒 fever ill|🤢 nausea|🤮 vomit|🤧 sneeze|🥴 woozy|😵 dizzy|🤠 cowboy|🤡 clown|👻 ghost|💀 skull dead|👽 alien|🤖 robot|💩 poo
People|👍 thumbs up yes good ok|👎 thumbs down no bad|👌 ok perfect|✌️ victory peace|🤞 fingers crossed luck|🤟 love you|🤘 rock|👈 left|👉 right|👆 up|👇 down|☝️ point one|✋ hand stop|👋 wave hello bye|🤙 call|💪 strong muscle|🙏 thanks please pray|🤝 handshake deal|👏 clap bravo|🙌 hooray hands|👐 open hands|✍️ write|💅 nails|👀 eyes look|🧠 brain|👂 ear listen|👶 baby|🧑 person|👩 woman|👨 man|🧓 older|👮 police|👷 worker|🧑‍💻 developer computer|🧑‍🍳 cook|🧑‍🚀 astronaut|🦸 hero|🧙 wizard|🧛 vampire|🧟 zombie|🤷 shrug|🤦 facepalm|🙋 raise hand|🙇 bow sorry|💃 dance|🕺 dance|🏃 run|🚶 walk
Hearts|❤️ heart love red|🧡 orange heart|💛 yellow heart|💚 green heart|💙 blue heart|💜 purple heart|🖤 black heart|🤍 white heart|💔 broken heart|❣️ heart exclamation|💕 hearts|💯 hundred perfect|💥 boom|💫 dizzy star|💤 sleep|💬 speech|💭 thought
Nature|🐶 dog|🐱 cat|🐭 mouse|🐹 hamster|🐰 rabbit|🦊 fox|🐻 bear|🐼 panda|🐨 koala|🐯 tiger|🦁 lion|🐮 cow|🐷 pig|🐸 frog|🐵 monkey|🙈 see no evil|🙉 hear no evil|🙊 speak no evil|🐔 chicken|🐧 penguin|🐦 bird|🦉 owl|🐺 wolf|🐴 horse|🦄 unicorn|🐝 bee|🐛 bug|🦋 butterfly|🐌 snail|🐢 turtle|🐍 snake|🐙 octopus|🐟 fish|🐬 dolphin|🐳 whale|🌵 cactus|🌲 tree|🌴 palm|🌱 seedling|🍀 clover luck|🌹 rose|🌻 sunflower|🌸 blossom|🌞 sun|🌙 moon|⭐ star|🌈 rainbow|☁️ cloud|🌧️ rain|⚡ lightning|❄️ snow|🔥 fire hot|💧 drop|🌊 wave sea
Food|🍏 apple|🍌 banana|🍓 strawberry|🍒 cherry|🍑 peach|🍍 pineapple|🥑 avocado|🍅 tomato|🥕 carrot|🌽 corn|🍞 bread|🧀 cheese|🥚 egg|🥓 bacon|🍔 burger|🍟 fries|🍕 pizza|🌭 hot dog|🌮 taco|🥗 salad|🍝 pasta|🍜 noodles|🍣 sushi|🍦 ice cream|🍩 donut|🍪 cookie|🎂 cake birthday|🍫 chocolate|🍿 popcorn|☕ coffee|🍵 tea|🍺 beer|🍻 cheers beers|🥂 cheers toast|🍷 wine|🍸 cocktail
Doing|⚽ football|🏀 basketball|🎾 tennis|🏓 table tennis|🏆 trophy win|🥇 gold medal|🎯 target|🎮 game|🎲 dice|🧩 puzzle|🎨 art paint|🎬 film|🎤 sing|🎧 music headphones|🎸 guitar|🎹 piano|🎉 party tada celebrate|🎊 confetti|🎁 gift present|🎈 balloon|🎄 christmas|🎃 halloween
Places|🚗 car|🚕 taxi|🚌 bus|🚲 bike|🚂 train|✈️ plane flight|🚀 rocket ship launch|⛵ boat|🚦 traffic|🏠 house home|🏢 office|🏥 hospital|🏖️ beach|🏔️ mountain|🗺️ map|🌍 world earth|🏁 finish
Things|⌚ watch|📱 phone|💻 laptop computer|⌨️ keyboard|🖨️ printer|📷 camera|📺 tv|⏰ alarm|⏳ wait hourglass|🔋 battery|💡 idea light|🔦 torch|💰 money|💳 card|🔧 wrench fix|🔨 hammer|⚙️ gear settings|🔒 lock|🔑 key|🚪 door|🛏️ bed|🛒 cart|📦 package box|✉️ mail letter|📝 memo note|📄 page|📅 calendar date|📈 chart up|📉 chart down|📌 pin|📎 paperclip|✂️ scissors|🗑️ bin trash|📚 books|🔍 search
Signs|✅ check done yes|❌ cross no|❓ question|❗ exclamation|⚠️ warning|🚫 forbidden|🔴 red|🟠 orange|🟡 yellow|🟢 green|🔵 blue|⚪ white|⚫ black|➕ plus|➖ minus|✨ sparkles|🎵 music note|♻️ recycle|🔔 bell|🔕 no bell|🆗 ok|🆕 new|🔝 top|🔜 soon|🏳️ white flag|🏴 black flag|🏳️‍🌈 rainbow flag
`

export interface Emoji { emoji: string; words: string }
export interface EmojiGroup { name: string; emojis: Emoji[] }

export const GROUPS: readonly EmojiGroup[] = TABLE.trim().split('\n').map((line) => {
  const [name = '', ...entries] = line.split('|')
  return {
    name,
    emojis: entries.map((entry) => {
      const space = entry.indexOf(' ')
      return { emoji: entry.slice(0, space), words: entry.slice(space + 1) }
    }),
  }
})

export function emojisFor(words: string): Emoji[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  return GROUPS.flatMap((group) => group.emojis).filter((each) => wanted.every((word) => each.words.includes(word)))
}
