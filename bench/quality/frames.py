"""The frames of `series`, and what stands in their slots: {n} a number, {p} a place, {x} a name of two words, {w} a
word that changes from day to day. Written for this bench.
"""

from __future__ import annotations

Frames = dict[str, tuple[str, ...]]

FRAMES: dict[str, Frames] = {
    "en": {
        "weather": (
            "The weather service expects {w} skies over {p} and {p} today, with a light wind from the {w} "
            "that will pick up towards the evening and bring gusts along the coast near {p}.",
            "The highest temperature of the day is forecast for {p} at {n} degrees, the lowest for {p} at {n} "
            "degrees, while the water off {p} stays at {n} degrees.",
            "Drivers on the road between {p} and {p} are asked to look out for {w} patches in the early "
            "hours, the service said in its daily report, and farmers around {p} should prepare for {n} "
            "millimetres of rain.",
        ),
        "court list": (
            "The following cases will be heard at the district court of {p} today, the clerk announced, and "
            "the hearings are open to the public as long as there are seats.",
            "In room {n} at nine o'clock {x} of {p} answers a charge of {w}, with judge {x} presiding; in "
            "room {n} at half past ten the case of {x} against the town of {p} goes on.",
            "Visitors are asked to leave telephones at the desk, to be in their seats five minutes before the "
            "hearing and to expect delays, the clerk of the court said. The list for tomorrow will be posted "
            "by {x} in the evening.",
        ),
        "telegram": (
            "The president has sent a telegram of congratulation to {x}, president of {p}, on the occasion of "
            "the national day of the country.",
            "In the telegram the president expressed his sincere wishes for the good health of {x} and for "
            "the continued progress and prosperity of the friendly people of {p}.",
            "The prime minister and the speaker of the house sent similar telegrams to {x} and to the "
            "government of {p}, in which they praised the distinguished relations between the two countries "
            "and the wish to develop them.",
        ),
    },
    "de": {
        "traffic": (
            "Auf der Autobahn zwischen {p} und {p} ist es am Morgen zu einem {w} Stau gekommen, wie die "
            "Verkehrsleitstelle in ihrem täglichen Bericht mitteilte; zeitweise standen die Fahrzeuge auf {n} "
            "Kilometern.",
            "Grund war nach Angaben der Polizei ein liegengebliebener Lastwagen in Höhe von {p}, dessen "
            "Fahrer {x} auf den Pannendienst wartete. Eine Umleitung über {p} wurde eingerichtet.",
            "Die Leitstelle rät, den Abschnitt bis {n} Uhr weiträumig zu umfahren, und erinnert daran, eine "
            "Rettungsgasse zu bilden. Am Nachmittag wird dort zwischen {p} und {p} gebaut.",
        ),
        "lottery": (
            "Bei der Ziehung am Abend sind die Zahlen {n}, {n}, {n} und {n} gezogen worden, die Zusatzzahl "
            "lautet {n}, teilte die Lotteriegesellschaft mit; alle Angaben sind ohne Gewähr.",
            "Der Hauptgewinn von {n} Millionen ging an einen Spielschein aus {p}, der am Vortag bei {x} in "
            "{p} abgegeben worden war. Der Gewinner hat sich noch nicht gemeldet.",
            "In der zweiten Klasse freuen sich Spieler aus {p} und {p} über je {n} Tausend. Gewinne können "
            "bis zum Ende des dritten Jahres abgeholt werden, danach fließen sie in den Topf für {w} "
            "Ziehungen.",
        ),
    },
    "es": {
        "results": (
            "El equipo de {p} venció por {n} a {n} al conjunto de {p} en el encuentro disputado ayer en el "
            "pabellón municipal, correspondiente a la liga regional de la temporada.",
            "Por los locales destacó {x}, con {n} puntos, mientras que entre los visitantes el mejor fue {x}, "
            "que sumó {n} antes de retirarse lesionado en el último cuarto.",
            "Con este resultado el conjunto de {p} se coloca en el puesto {n} de la clasificación y recibirá "
            "la próxima semana al de {p}, en un partido que arbitrará {x} y que se espera muy {w}.",
        ),
        "horoscope": (
            "Hoy será un día {w} para los nacidos bajo este signo, que encontrarán en {p} una oportunidad que "
            "llevaban tiempo esperando y que no conviene dejar pasar por falta de ánimo.",
            "En el amor, una persona llamada {x} le dará una noticia {w}; en el trabajo, la reunión de las "
            "{n} traerá cambios que al principio parecerán difíciles de aceptar.",
            "Su número de la suerte es el {n}, su color el {w}, y la ciudad que le conviene visitar este año "
            "es {p}. Recuerde que los astros aconsejan y no obligan, y que la última palabra es siempre suya.",
        ),
    },
    "fr": {
        "market": (
            "La Bourse de {p} a terminé la séance en {w} de {n} points, dans un marché calme où les "
            "investisseurs ont attendu la publication des chiffres du secteur de {p}.",
            "Parmi les valeurs suivies, le groupe {x} a gagné {n} centimes à la clôture, tandis que {x} en a "
            "perdu {n}, pénalisé par un avis de la maison {x}.",
            "Le volume des échanges s'est élevé à {n} millions, et l'obligation de référence rapportait {n} "
            "points de base en fin de journée. Demain, les opérateurs suivront la réunion de {p} et les "
            "résultats de {x}.",
        ),
        "obituary": (
            "La famille a la tristesse de faire part du décès de {x}, survenu à {p} à l'âge de {n} ans, "
            "entouré de ses proches et muni des sacrements de l'Église.",
            "La cérémonie religieuse sera célébrée en l'église de {p} à {n} heures, suivie de l'inhumation au "
            "cimetière de {p} dans l'intimité de la famille.",
            "Cet avis tient lieu de faire-part et de remerciements. Ni fleurs ni couronnes, mais des dons à "
            "l'association {x} de {p}, que le défunt avait présidée pendant {n} ans.",
        ),
    },
    "ru": {
        "cases": (
            "За последние сутки в области выявлено {n} новых случаев заболевания, сообщил оперативный штаб в "
            "ежедневной сводке, большинство из них в городах {p} и {p}.",
            "Под наблюдением врачей находятся {n} человек, выписаны после выздоровления ещё {n}, скончались "
            "{n}; самым тяжёлым остаётся положение в больнице города {p}.",
            "Главный врач {x} напомнил жителям о необходимости соблюдать правила и сообщил, что завтра пункт "
            "прививки откроется также в {p}. Следующую сводку штаб опубликует утром.",
        ),
        "market": (
            "Официальный курс доллара на сегодня установлен в размере {n} рублей, курс евро составил {n} "
            "рублей, следует из данных регулятора, опубликованных на его странице.",
            "На торгах в городе {p} индекс изменился на {n} пунктов, лидерами роста стали бумаги компаний {x} "
            "и {x}, сильнее других подешевели акции предприятия {x}.",
            "Аналитик {x} из {p} полагает, что день будет {w} и что участники торгов обратят внимание на "
            "отчёт компании {x}. Решение по ставке ожидается на следующей неделе.",
        ),
    },
    "ar": {
        "telegram": (
            "بعث رئيس الجمهورية برقية تهنئة إلى الرئيس {x} رئيس جمهورية {p} بمناسبة ذكرى اليوم الوطني لبلاده.",
            "وأعرب الرئيس في البرقية باسمه واسم الشعب والحكومة عن أصدق التهاني وأطيب التمنيات بالصحة والسعادة "
            "للرئيس {x} ولحكومة وشعب {p} الصديق اطراد التقدم والازدهار.",
            "كما بعث رئيس الوزراء ورئيس مجلس النواب برقيتين مماثلتين إلى {x} أشادا فيهما بالعلاقات المتميزة "
            "التي تربط البلدين والشعبين والتي يسعى الجميع لتعزيزها وتنميتها في المجالات كافة مع {p}.",
        ),
        "weather": (
            "توقعت هيئة الأرصاد في تقريرها عن حالة الطقس لهذا اليوم سماء {w} على مناطق {p} و{p} مع فرصة لهطول "
            "أمطار على المرتفعات القريبة من {p}.",
            "وتسجل أعلى درجة حرارة اليوم في مدينة {p} وتبلغ {n} درجة مئوية وأدناها في {p} وتبلغ {n} درجة "
            "مئوية، وتكون حركة الرياح السطحية {w} بسرعة {n} كيلومترا في الساعة.",
            "ودعت الهيئة سالكي الطريق بين {p} و{p} إلى توخي الحذر بسبب تدني مدى الرؤية الأفقية في ساعات "
            "الصباح الأولى، وتصدر تقريرها التالي مساء اليوم عن {p}.",
        ),
    },
    "tr": {
        "gold": (
            "Serbest piyasada altının gramı güne {n} liradan başladı, çeyrek altın {n} liradan, Cumhuriyet "
            "altını ise {n} liradan satılıyor; fiyatlar {p} Kapalıçarşı'dan alındı.",
            "Analist {x}, bugün {p} tarafından açıklanacak verilerin takip edileceğini belirterek teknik "
            "açıdan {n} ve {n} seviyelerinin destek, {n} seviyesinin direnç olarak öne çıktığını söyledi.",
            "Önceki gün {w} bir seyir izleyen altın, günü yüzde {n} değişimle tamamlamıştı. Piyasalarda "
            "gözler {x} adlı kuruluşun {p} toplantısına çevrildi.",
        ),
        "results": (
            "Ligin bu haftaki karşılaşmasında {p} takımı, sahasında ağırladığı {p} takımını {n} - {n} yendi "
            "ve puanını {n} yaptı; karşılaşmayı hakem {x} yönetti.",
            "Ev sahibi takımın gollerini {x} ile {x} attı, konuk takımın tek golü {n}. dakikada {x} "
            "tarafından kaydedildi. Teknik direktör {x} maçtan sonra {w} konuştu.",
            "Gelecek hafta {p} deplasmanına gidecek olan takım, hazırlıklarına yarın {p} tesislerinde "
            "başlayacak. Biletler {n} liradan satışa çıkacak.",
        ),
    },
}
LEADS = {
    "en": "What readers need to know before they leave the house, put together by our desk as on every morning.",
    "de": ("Was unsere Leser am Morgen wissen müssen, hat die Redaktion wie an jedem Tag für Sie zusammengestellt."),
    "es": ("Como cada mañana, la redacción ha reunido para sus lectores lo que conviene saber antes de salir de casa."),
    "fr": (
        "Comme chaque matin, la rédaction a réuni pour ses lecteurs ce qu'il faut savoir avant de sortir de chez soi."
    ),
    "ru": "Как и каждое утро, редакция собрала для своих читателей то, что нужно знать перед выходом из дома.",
    "ar": "جمعت هيئة التحرير لقرائها كما في كل صباح ما ينبغي معرفته قبل مغادرة المنزل والتوجه إلى العمل.",
    "tr": (
        "Yazı işlerimiz, her sabah olduğu gibi, evden çıkmadan önce bilmeniz gerekenleri sizin için bir araya getirdi."
    ),
}


def _slots(places: str, names: str, words: str) -> dict[str, list[str]]:
    return {"p": places.split(), "x": names.split(), "w": words.split()}


SLOTS = {
    "en": _slots(
        "Saltmere Orrin Birk Lindmouth Aldmere Corran Tarnby Quellmark Brightwater Ferring Halsted Merrow "
        "Oakham Pelling",
        "Ida Holm Ruth Calder Tomas Vey Ada Brill Joan Marsh Peter Lund Edith Farrow Simon Gale Nora Keane Walter Penn",
        "clear grey northerly westerly theft fraud foggy icy trespass assault southerly changeable arson bright",
    ),
    "de": _slots(
        "Lindenau Quellmark Birkenfeld Altmünde Orrin Salzwiesen Tannrode Hohenbrück Seebach Marktal Rehfelde Grünau",
        "Ida Holm Rudolf Kaldenberg Thomas Wey Ada Brill Jana Marsch Peter Lund Edith Farn Simon Galle Nora Kehn",
        "langen kurzen zähen heftigen weitere neue besondere spätere kleinen größeren",
    ),
    "es": _slots(
        "Valdeluna Ríofrío Montalba Saltares Orrena Campillo Torreblanca Puentemar Villasol Castroverde Lobera Arenal",
        "Ida Holgado Rut Caldera Tomás Vega Ada Brines Juana Marcos Pedro Luna Edita Faro Simón Gala Nora Quintas",
        "tranquilo azul rojo inesperada feliz agitado verde disputado difícil blanco luminoso igualado",
    ),
    "fr": _slots(
        "Valmont Saltour Orrigny Montclair Rivesalte Beaulieu Corvin Tarnac Lindois Marsac Fontvieille Aubrac",
        "Ida Holmier Ruth Caldier Thomas Vey Ada Brillac Jeanne Marchais Pierre Lunel Édith Faroux Simon "
        "Galle Nora Quenin",
        "hausse baisse progression repli recul légère",
    ),
    "ru": _slots(
        "Солемск Орринск Бирюково Линдово Альмерск Корранск Тарново Ферринск Мерово Окамск Пелино Гранит",
        "Ида Холмова Руфь Калдерова Фома Вейский Ада Брилёва Иоанна Маршева Пётр Лундин Эдита Фарова Семён Галин",
        "спокойным трудным долгим переменчивым важным тихим",
    ),
    "ar": _slots(
        "سالمير أورين بيركا ليندا ألمار كوران تارنا فيرين هالست ميرو أوكام بيلين غرانا لوبيرا",
        "إيدا هولم روث كالدر توماس فاي آدا بريل جوان مارش بيتر لوند إديث فارو سيمون غيل نورا كين",
        "غائمة صافية شمالية جنوبية غربية ماطرة مغبرة شرقية",
    ),
    "tr": _slots(
        "Saltmere Orrin Birkova Lindova Almere Korran Tarnova Ferrin Halsted Merova Okam Pelin Granit",
        "İda Holm Rut Kalder Tomas Vey Ada Bril Can Marş Petro Lund Edit Faro Simon Gale Nora Kin",
        "yatay sakin yükselen düşük öfkeli umutlu kısa temkinli",
    ),
}
"""Places, words of names, and words of the day, by language."""
