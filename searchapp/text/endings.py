"""List the common endings and prefixes of languages for which Snowball has no stemmer."""

from __future__ import annotations

SYLLABIC = frozenset({"am", "ti", "bn", "as", "mr", "gu", "pa", "or", "te", "kn", "ml", "si", "ko", "he", "bo", "iu"})
"""Languages whose letters stand for syllables or consonants, so that a stem may have only two letters."""

_TURKIC_CYRILLIC = (
    "лар лер дар дер тар тер ның нің дың дің тың тің ға ге қа ке да де та те дан ден тан тен нан нен ды "
    "ді ты ті ны ні мен бен "
    "пен сы сі ы і ым ім ың ің"
)

ENDINGS: dict[str, tuple[str, int]] = {
    "af": ("e s se te de ie ies tjie tjies jie jies etjie heid lik like", 1),
    "am": ("ው ዋ ኦች ዎች ን ም ና ውን ዎችን ቶች ች ት", 2),
    "as": ("ৰ ক ত লৈ ৰে বোৰ বিলাক টো টি খন জন এ ে", 2),
    "az": (
        "lar lər ın in un ün nın nin nun nün da də dan dən ı i u ü a ə ya yə nı ni nu nü sı si su sü ım im um "
        "üm", 3),
    "ba": ("лар ләр дар дәр тар тәр ҙар ҙәр ның нең дың дең ға гә ҡа кә да дә та тә нан нән ы е о ө", 2),
    "be": (
        "аў оў еў ёў ам ом ем ём ах ях ямі амі ай ой ей ага ога яга ому аму ям ыя ія ую юю ы і а я у ю е э о "
        "ь ий ый ае ое "
        "ым ім ых іх ыць іць аць ець аю яю", 1),
    "bg": (
        "ът ят та то те ата ята ета ите овете ове еве ища ища а я и о е у ия ият ият ата ото ен на но ни ски "
        "ска ско ът", 2),
    "bn": (
        "ের র কে তে ে য়ে রা দের গুলো গুলি গুলোর গুলির টি টা টির টার খানা জন ই ও য় ছে ছেন বে বেন লেন ল লাম "
        "তাম", 2),
    "bo": ("འི འིས འིར ས ར", 1),
    "cy": ("au iau ion on oedd ydd wyr ed i a", 1),
    "fo": ("in ið an ar ir ur inum unum num um s ina ina nar nir i a u", 1),
    "fy": ("en s sje sjes je jes e", 1),
    "gu": ("ો ા ી ે ુ ું ાં ોના ોની ોનું ોમાં ોથી ોને ના ની નું નો માં થી ને એ ઓ", 2),
    "he": ("ים ות יה יו ה ת י ך כם הם נו יים ית יות", 1),
    "is": (
        "inn in ið num inum unum anna nna ins ana ar ur ir um a i u s nar nir inni unni ina una arnir urnar "
        "irnar anum", 1),
    "ka": (
        "ების ებს ებმა ებით ებად ებში ებზე ები ებო ის ისა ისთვის ისგან ს ს მა მ ით ად ში ზე თან დან იდან "
        "ისკენ ი ო ა ე ს", 2),
    "kk": (_TURKIC_CYRILLIC, 3),
    "kn": (
        "ಗಳು ಗಳ ಗಳನ್ನು ಗಳಲ್ಲಿ ಗಳಿಗೆ ನ್ನು ಅನ್ನು ಲ್ಲಿ ದಲ್ಲಿ ಯಲ್ಲಿ ಿಗೆ ಗೆ ಕ್ಕೆ ದ ಯ ಿನ ನ ಿಂದ ದಿಂದ ವು ು ವನ್ನು "
        "ಯನ್ನು", 2),
    "ko": (
        "은 는 이 가 을 를 의 에 에서 에게 한테 께 로 으로 와 과 도 만 부터 까지 처럼 보다 이나 나 이다 입니다 이었다 "
        "들 들이 들은 들을 들의 "
        "하다 한다 했다 합니다 했습니다 하는 하고 하여 해서 다 습니다", 2),
    "ku": ("ên an ê a i î ek ekî ekê ane in", 1),
    "ky": (
        "лар лер лор лөр дар дер дор дөр тар тер нын нин дын дин га ге ка ке да де та те дан ден тан тен ны "
        "ни ды ди ы и сы си", 3),
    "la": ("us um i o os a ae am as arum orum is es em e ibus u ui uum er", 1),
    "lb": ("en er e s t n", 1),
    "lv": (
        "iem ajiem ajam ajai ajās ajos ajā ajās ais os us as es is ām ēm im um am ai ei ij u a e i o s š ā ē "
        "ī ū ām as ās ēs īs "
        "iņa iņš", 1),
    "mk": ("от та то те ови еви иња а и о е у ата ите ски ска", 2),
    "ml": (
        "ങ്ങൾ ങ്ങളുടെ ങ്ങളിൽ ങ്ങളെ കൾ കളുടെ കളിൽ കളെ ിൽ ിലെ ത്തിൽ ത്തിന്റെ ത്തിലെ ത്തെ യുടെ ഉടെ ന്റെ ിന്റെ െ "
        "യെ ിനെ ന് ിന് ക്ക് "
        "യിൽ ം ും ാൽ ോടെ ിലേക്ക്", 2),
    "mn": ("ууд үүд нууд нүүд ын ийн ны ний д т аас ээс оос өөс аар ээр оор өөр тай тэй той руу рүү ыг ийг г н", 2),
    "mr": (
        "ांची ांचे ांचा ांच्या ांना ांनी ांत ांवर ांमध्ये ांतून ाची ाचे ाचा ाच्या ाला ाने ात ावर ामध्ये ी चे "
        "ची चा च्या ला ने नी त ांनी े ा "
        "ी ो ू यांची मध्ये हून", 2),
    "mt": ("ijiet iet ijet in at i a", 1),
    "my": ("များ သည် ကို မှာ တွင် ၏", 2),
    "or": ("ର କୁ ରେ ରୁ ମାନ ମାନଙ୍କ ମାନଙ୍କର ଗୁଡ଼ିକ ଟି ଟିଏ ଙ୍କ ଙ୍କର ଙ୍କୁ ୀ ା ି େ", 3),
    "pa": ("ਾਂ ਾ ੀ ੇ ੀਆਂ ਿਆਂ ਂ ੋ ਨੂੰ ਦਾ ਦੀ ਦੇ ਆਂ ਓ ਿਓਂ ੋਂ", 2),
    "ps": ("ونه ونو ان انو ې ه و ي ګان ګانو", 1),
    "sa": ("ः म् ान् स्य ेन ाय ात् ेषु ानाम् ाः ौ े ा ि ी म", 1),
    "sd": ("ن ون جو جي جا کي ۾ ي و ا", 1),
    "si": ("වල වලට වලින් ගේ ට ින් ෙන් ව ක් ය ේ යේ යට යෙන් ෝ ු ා ෙක් ලා", 2),
    "sk": (
        "ami emi ach och iach ov om am iam ou ej ého ému ých ými ým y i a u e o á é í ý ú ia iu ie os ovia", 1),
    "sl": ("ami emi ih ih oma ema ov ev om em am ah eh i a e o u ga mu im ega emu imi ost osti", 1),
    "so": ("ka ga ha ta da ku gu u tu du ki gi oyin yo o ay aan een", 1),
    "sq": (
        "ave eve ove it it i in ën a në ja jë ve et at ët ut un u e ë sh t s m r ri ra rë re es as", 2),
    "sw": ("ni", 1),
    "te": (
        "ాలు ాల ాలను ాలలో ాలకు ం ంలో ం లు ల లను లలో లకు ను ని కు కి లో లోని తో యొక్క డు ు ి ంను గా వు ాన్ని "
        "ానికి ంగా పై", 2),
    "tg": ("ҳо ҳои он ҳоро ро и е", 2),
    "ti": ("ታት ት ን ም ይ ኦም ና", 2),
    "tk": ("lar ler yň iň uň üň a e da de dan den y i ny ni", 3),
    "tl": ("ng in an hin han", 1),
    "tt": ("лар ләр нар нәр ның нең ны не га гә ка кә да дә та тә дан дән нан нән тан тән ы е сы се", 3),
    "ug": ("لار لەر نىڭ نى غا گە قا كە دا دە تا تە دىن تىن ى سى", 3),
    "uk": (
        "ами ями ові еві єві ах ях ам ям ом ем єм ою ею єю ів їв ий ій а я о е є у ю и і ї ь ого ому ими им "
        "их їх ої ій ую юю ові "
        "ння ння ть ти ла ли ло", 1),
    "ur": ("وں یں اں ے ی ا و یاں یوں ات", 1),
    "uz": ("lar ning ni ga ka qa da dan i si im ing imiz ingiz lari larini larning lik chi", 3),
}  # fmt: skip
"""Language -> endings, and how many of them a word may have in a row."""

PREFIXES: dict[str, tuple[str, ...]] = {
    "ar": ("وبال", "وكال", "وال", "فال", "بال", "كال", "ولل", "لل", "ال", "و"),
    "he": ("ושה", "וכש", "שה", "וה", "וב", "ול", "ומ", "וכ", "ו", "מה", "לה", "כש", "ה", "ב", "ל", "מ", "כ", "ש"),
    "sw": ("wa", "vi", "ki", "mi", "ma", "m", "u", "n", "ku", "i", "li", "ya", "za"),
    "ti": ("ብ", "ን", "ካብ", "ዝ"),
    "am": ("በ", "ለ", "የ", "ከ", "እየ"),
}
"""Language -> noun prefixes, longest first: articles, prepositions and noun classes."""

_IRREGULAR = """
child children, man men, woman women, person people, foot feet, tooth teeth, goose geese, mouse mice, ox oxen,
leaf leaves, knife knives, life lives, wife wives, wolf wolves, half halves, shelf shelves, thief thieves,
loaf loaves, calf calves, datum data, medium media, criterion criteria, phenomenon phenomena, bacterium
bacteria, analysis analyses, crisis crises, basis bases, thesis theses, index indices, matrix matrices, vertex
vertices, appendix appendices, axis axes, fungus fungi, nucleus nuclei, cactus cacti, alumnus alumni, larva
larvae, formula formulae, die dice, run ran, go went gone, be was were been is are am, have had has, do did
done does, say said, make made, take took taken, come came, see saw seen, get got gotten, know knew known,
think thought, give gave given, find found, tell told, become became, leave left, feel felt, bring brought,
begin began begun, keep kept, hold held, write wrote written, stand stood, hear heard, let, mean meant, meet
met, pay paid, sit sat, speak spoke spoken, lead led, grow grew grown, lose lost, fall fell fallen, send sent,
build built, understand understood, draw drew drawn, break broke broken, spend spent, rise rose risen, drive
drove driven, buy bought, wear wore worn, choose chose chosen, eat ate eaten, fly flew flown, win won, teach
taught, catch caught, fight fought, seek sought, sell sold, shoot shot, sing sang sung, sink sank sunk, swim
swam swum, drink drank drunk, ring rang rung, throw threw thrown, blow blew blown, freeze froze frozen, steal
stole stolen, wake woke woken, hide hid hidden, bite bit bitten, ride rode ridden, forget forgot forgotten,
shake shook shaken, sleep slept, sweep swept, bind bound, lend lent, bend bent, deal dealt, dig dug, stick
stuck, strike struck, hang hung, lay laid, lie lain, light lit, swear swore sworn, tear tore torn, bear bore
born borne, good better best, bad worse worst, far further farther
"""
ENGLISH_FORMS: dict[str, str] = {
    form: forms.split()[0] for forms in _IRREGULAR.replace("\n", " ").split(",") for form in forms.split()[1:]
}
"""Irregular form of an English word -> its base form."""
